import { expect, test } from 'vitest';
import { signedHeaders } from '../../../functions/adapters/secrets/signature.ts';

// The published test suite of Signature Version 4, `post-x-www-form-urlencoded`.
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const request = {
  host: 'example.amazonaws.com',
  region: 'us-east-1',
  service: 'service',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'Param1=value1',
  nowMs: Date.UTC(2015, 7, 30, 12, 36, 0),
};

test('signs as the published example does', () => {
  const { authorization } = signedHeaders(request, credentials);
  expect(authorization).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-date, ' +
      'Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  );
});

test('signs the session token along', () => {
  const headers = signedHeaders(request, { ...credentials, sessionToken: 'token' });
  expect(headers['x-amz-security-token']).toBe('token');
  expect(headers.authorization).toContain('host;x-amz-date;x-amz-security-token');
});
