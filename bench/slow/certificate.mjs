// A certificate for the hosts of one run, encoded here: Node can sign, but cannot write certificates. Chromium is configured to trust only its key.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const DAY = 86_400_000;
const EC_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const ALTERNATIVE_NAMES = '551d11';

/** A value of ASN.1 in DER: tag, length, content. */
function der(tag, ...parts) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.from([tag, ...lengthOf(body.length), ...body]);
}

/** DER allows only the shortest form. */
function lengthOf(length) {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

const sequence = (...parts) => der(0x30, ...parts);
const oid = (hex) => der(0x06, Buffer.from(hex, 'hex'));
const time = (at) => der(0x17, `${new Date(at).toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`);

/** A key and its self-signed certificate, in PEM, and the digest of the public key, which Chromium accepts instead of an authority. */
export function certificate(hosts) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(oid(EC_WITH_SHA256));
  const name = sequence(der(0x31, sequence(oid(COMMON_NAME), der(0x0c, hosts[0]))));
  const names = sequence(...hosts.map((host) => der(0x82, host)));
  const serial = der(0x02, [0x01], randomBytes(8));
  const contents = sequence(
    der(0xa0, der(0x02, [2])), serial, algorithm, name, sequence(time(Date.now() - DAY), time(Date.now() + DAY)), name, spki,
    der(0xa3, sequence(sequence(oid(ALTERNATIVE_NAMES), der(0x04, names)))),
  );
  const signed = sequence(contents, algorithm, der(0x03, [0], sign('sha256', contents, privateKey)));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----\n`,
    digest: createHash('sha256').update(spki).digest('base64'),
  };
}
