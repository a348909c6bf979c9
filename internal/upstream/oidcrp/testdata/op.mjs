// A provider that is not ours: panva's oidc-provider, started by the tests on a free port of this machine. It signs in whoever
// types a name. What it says of them, and of its clients, comes as JSON in OP_SETTINGS.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const { default: Provider } = await import(pathToFileURL(process.env.OP_MODULE).href);
const settings = JSON.parse(process.env.OP_SETTINGS);

const jwk = (type, options, rest) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...rest,
});

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: settings.clients,
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    claims: { openid: ['sub'], profile: ['given_name', 'family_name'], ecluse: ['uai', 'schools'] },
    scopes: ['openid', 'profile', 'ecluse'],
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...settings.claims }) }),
    features: {
      devInteractions: { enabled: true },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true },
    },
    jwks: { keys: [jwk('ec', { namedCurve: 'P-256' }, { kid: 'e', alg: 'ES256' }), jwk('rsa', { modulusLength: 2048 }, { kid: 'r', alg: 'RS256' })] },
    cookies: { keys: ['only for tests'] },
  });
  server.on('request', provider.callback());
  provider.on('server_error', (_ctx, err) => console.error('server_error', err));
  for (const event of ['grant.error', 'authorization.error', 'userinfo.error', 'backchannel.error']) {
    provider.on(event, (...args) => console.error(event, ...args.slice(1).map((a) => a?.message ?? a?.clientId ?? a)));
  }
  console.log(issuer);
});
