/** Options of an AWS client for a stand-in. */
export const standIn = (name: string, endpoint: string) => ({
  name,
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
