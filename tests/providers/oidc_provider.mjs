// oidc-provider with its own pages for signing in: told by one argument, in JSON, whom it knows and who may ask.
import { generateKeyPairSync } from 'node:crypto';
import { pathToFileURL } from 'node:url';

const told = JSON.parse(process.argv[2]);
// It lies where npm put it, not beside this file.
const { default: Provider } = await import(pathToFileURL(`${told.modules}/oidc-provider/lib/index.js`));

const key = (alg, type, options) => {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
};

const provider = new Provider(told.issuer, {
  clients: told.clients,
  jwks: {
    keys: [
      key('RS256', 'rsa', { modulusLength: 2048 }),
      key('PS256', 'rsa', { modulusLength: 2048 }),
      key('ES256', 'ec', { namedCurve: 'P-256' }),
      key('EdDSA', 'ed25519', {}),
    ],
  },
  claims: { openid: ['sub', 'roles'], profile: ['name'], email: ['email'] },
  conformIdTokenClaims: told.conform,
  cookies: { keys: ['of a test'] },
  features: { userinfo: { enabled: true }, jwtUserinfo: { enabled: true }, revocation: { enabled: true } },
  findAccount: (_, id) => {
    const it = told.people.find((person) => person.user === id);
    return it && { accountId: id, claims: () => ({ sub: id, name: it.name, email: it.email, roles: it.roles }) };
  },
});
provider.on('server_error', (_, error) => console.error(error));
provider.on('grant.error', (_, error) => console.error(error.message, error.error_detail));
provider.listen(told.port, '127.0.0.1');
