// A relying party that is not ours: panva's openid-client, started by the tests. It plays every client that RP_SETTINGS names
// against our provider, and writes what it got as JSON.
import { pathToFileURL } from 'node:url';

const client = await import(pathToFileURL(process.env.RP_MODULE).href);
const settings = JSON.parse(process.env.RP_SETTINGS);
const callback = settings.callback;

const algorithms = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
};

async function authentication(c) {
  switch (c.method) {
    case 'private_key_jwt': {
      const key = await crypto.subtle.importKey('jwk', { ...c.key, key_ops: ['sign'] }, algorithms[c.alg], false, ['sign']);
      // It names Ed25519 keys by RFC 9864, which is younger than what we take.
      const modify = { [client.modifyAssertion]: (header) => { header.alg = c.alg; } };
      return client.PrivateKeyJwt({ key, kid: 'k1' }, modify);
    }
    case 'client_secret_basic': return client.ClientSecretBasic(c.secret);
    case 'client_secret_post': return client.ClientSecretPost(c.secret);
    case 'client_secret_jwt': return client.ClientSecretJwt(c.secret);
    default: return client.None();
  }
}

async function play(c) {
  const config = await client.discovery(new URL(settings.issuer), c.id, c.metadata, await authentication(c), { execute: [client.allowInsecureRequests] });
  client.enableNonRepudiationChecks(config);
  const DPoP = c.dpop ? client.getDPoPHandle(config, await client.randomDPoPKeyPair(c.dpop)) : undefined;
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: callback, scope: 'openid profile offline_access', state: client.randomState(), nonce: client.randomNonce(),
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256',
  };
  const start = c.par ? await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }) : client.buildAuthorizationUrl(config, parameters);
  const answer = await fetch(start, { redirect: 'manual' });
  const first = await client.authorizationCodeGrant(config, new URL(answer.headers.get('location')), {
    pkceCodeVerifier, expectedState: parameters.state, expectedNonce: parameters.nonce, idTokenExpected: true,
  }, undefined, { DPoP });
  const sub = first.claims().sub;
  const second = await client.refreshTokenGrant(config, first.refresh_token, undefined, { DPoP });
  const userinfo = await client.fetchUserInfo(config, second.access_token, sub, { DPoP });
  const out = {
    id: c.id, type: second.token_type, sub, again: second.claims().sub, given: userinfo.given_name,
    same: first.refresh_token === second.refresh_token,
  };
  if (c.method !== 'none') {
    out.before = (await client.tokenIntrospection(config, second.access_token)).active;
  }
  await client.tokenRevocation(config, second.refresh_token);
  if (c.method !== 'none') {
    out.after = (await client.tokenIntrospection(config, second.access_token)).active;
  }
  out.refused = await client.refreshTokenGrant(config, second.refresh_token, undefined, { DPoP }).then(() => '', (err) => err.error ?? String(err));
  return out;
}

for (const c of settings.clients) {
  console.log(JSON.stringify(await play(c).catch((err) => ({
    id: c.id, failed: `${err} ${err.code ?? ''} ${err.error ?? ''} ${err.error_description ?? ''} ${err.cause ?? ''} ${JSON.stringify(err.cause?.body ?? null)}`,
  }))));
}
