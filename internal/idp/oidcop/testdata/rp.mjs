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

// screen plays a screen without a keyboard, and whoever types its code.
async function screen(c) {
  const config = await client.discovery(new URL(settings.issuer), c.id, c.metadata, client.None(), { execute: [client.allowInsecureRequests] });
  client.enableNonRepudiationChecks(config);
  const shown = await client.initiateDeviceAuthorization(config, { scope: 'openid profile offline_access' });
  const says = (act) => fetch(`${shown.verification_uri}/reponse`, {
    method: 'POST', redirect: 'manual', headers: { origin: settings.issuer }, body: new URLSearchParams({ code: shown.user_code, act }),
  });
  const answer = await says(c.says);
  if (c.says === 'oui') {
    await fetch(new URL(answer.headers.get('location'), settings.issuer), {
      redirect: 'manual', headers: { cookie: answer.headers.get('set-cookie').split(';')[0] },
    });
  }
  shown.interval = 1; // the pause itself is no matter of this test
  const out = { id: c.id };
  const tokens = await client.pollDeviceAuthorizationGrant(config, shown).catch((err) => { out.refused = err.error ?? String(err); });
  if (tokens) {
    out.sub = tokens.claims().sub;
    out.type = tokens.token_type;
    out.again = (await client.refreshTokenGrant(config, tokens.refresh_token)).claims().sub;
    out.given = (await client.fetchUserInfo(config, tokens.access_token, out.sub)).given_name;
  }
  return out;
}

// register has a client register itself, and reads back what is kept.
async function register(c) {
  const config = await client.dynamicClientRegistration(new URL(settings.issuer), c.metadata, undefined, {
    initialAccessToken: c.token, execute: [client.allowInsecureRequests],
  });
  const made = config.clientMetadata();
  const kept = await (await fetch(made.registration_client_uri, { headers: { authorization: `Bearer ${made.registration_access_token}` } })).json();
  return { id: made.client_id, type: made.token_endpoint_auth_method, given: kept.redirect_uris[0], same: Boolean(made.client_secret) && !kept.client_secret };
}

async function play(c) {
  if (c.says) return screen(c);
  if (c.token) return register(c);
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
    id: c.id, failed: `${err} ${err.code ?? ''} ${err.error ?? ''} ${err.error_description ?? ''} ${err.cause ?? ''} ${JSON.stringify(err.cause?.body ?? err.cause ?? null)}`,
  }))));
}
