/** Loaded into vitest by the test runner: when the runner dies, however it dies, the channel to it closes. */
process.on('disconnect', () => process.exit(1));
process.channel?.unref();
