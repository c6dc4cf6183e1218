/** In place of the package `debug` in what is deployed: nothing is printed, whatever the environment says. */
const makeDebug = () => Object.assign(() => {}, { enabled: false, extend: makeDebug });
module.exports = makeDebug;
module.exports.default = makeDebug;
