/** Where the engines of the tests are: part name to address. Set by the test runner, which starts them. */
function engineAddresses(): Record<string, string> {
  const addresses = process.env.MEMBERSHIP_TEST_ENGINES;
  if (addresses === undefined) {
    throw new Error(
      'MEMBERSHIP_TEST_ENGINES is not set: engine tests run by `npm test`, which starts the engines',
    );
  }
  return JSON.parse(addresses) as Record<string, string>;
}

/** The address of one part. */
export function engineAddress(part: string): string {
  const address = engineAddresses()[part];
  if (address === undefined) throw new Error(`MEMBERSHIP_TEST_ENGINES names no ${part}`);
  return address;
}
