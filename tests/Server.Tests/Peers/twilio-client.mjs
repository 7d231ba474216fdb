// Twilio's own SDK for Node, with nothing changed but the host it talks to, and what its answers must look like.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import twilio from 'twilio';
import { until, url } from './story.mjs';

class HereInstead extends twilio.RequestClient {
  request(options) {
    return super.request({ ...options, uri: options.uri.replace(/^https:\/\/(wireless|api|monitor)\.twilio\.com/, url) });
  }
}

export const clientOf = ({ sid, token, account }) => twilio(sid, token, { httpClient: new HereInstead(), accountSid: account ?? sid });
export const signIn = (who) => clientOf(who).wireless.v1.sims;

/** A refusal must reach the caller as the SDK's own exception, with all its fields filled. */
export async function refused(promise, status, code) {
  const error = await promise.then(
    (answer) => assert.fail(`expected ${status}/${code}, got ${JSON.stringify(answer)}`),
    (reason) => reason,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.ok(error instanceof twilio.RestException, `expected a RestException, got ${error?.stack ?? error}`);
  assert.deepEqual({ status: error.status, code: error.code }, { status, code }, error.message);
  assert.ok(typeof error.message === 'string' && error.message.length > 0, 'message');
  assert.match(error.moreInfo, new RegExp(`^https?://.+/errors/${code}$`), 'moreInfo');
}

const aString = (value) => typeof value === 'string' && value.length > 0;
const orNull = (check) => (value) => value === null || check(value);
export const aUrl = (value) => aString(value) && URL.canParse(value);
const aMethod = (value) => value === 'GET' || value === 'POST';
export const sidLike = (prefix) => (value) => new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(value);
export const aDate = (value) => value instanceof Date && !Number.isNaN(value.getTime());
export const types = {
  sid: sidLike('DE'),
  uniqueName: orNull(aString),
  accountSid: sidLike('AC'),
  ratePlanSid: orNull(sidLike('WP')),
  friendlyName: orNull(aString),
  iccid: (value) => /^[0-9]{19,20}$/.test(value),
  eId: orNull((value) => /^[0-9]{32}$/.test(value)),
  status: (value) => ['new', 'ready', 'active', 'suspended', 'deactivated', 'canceled', 'scheduled', 'updating'].includes(value),
  resetStatus: orNull((value) => value === 'resetting'),
  commandsCallbackUrl: orNull(aUrl),
  commandsCallbackMethod: aMethod,
  smsFallbackUrl: orNull(aUrl),
  smsFallbackMethod: aMethod,
  smsUrl: orNull(aUrl),
  smsMethod: aMethod,
  voiceFallbackUrl: orNull(aUrl),
  voiceFallbackMethod: aMethod,
  voiceUrl: orNull(aUrl),
  voiceMethod: aMethod,
  dateCreated: aDate,
  dateUpdated: aDate,
  url: aUrl,
  links: (value) => typeof value === 'object' && value !== null && Object.values(value).every(aUrl),
  ipAddress: orNull(aString),
};

/** Every property of an instance is there and of the right JavaScript type. */
export function wellTyped(sim) {
  const shown = { ...sim };
  for (const [name, check] of Object.entries(types)) {
    assert.ok(name in shown && shown[name] !== undefined, `${name} is missing`);
    assert.ok(check(shown[name]), `${name} is ${JSON.stringify(shown[name])}`);
  }
}

/** Waits for callbacks, and holds each one's signature against the account's token by the SDK's own check. */
export async function startReceiver() {
  const received = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const seen = `http://${request.headers.host}${request.url}`;
    received.push({ method: request.method, url: seen, signature: request.headers['x-twilio-signature'] ?? '', body });
    response.writeHead(204).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    /** The parameters of the oldest callback that nobody has taken yet. */
    async next(what, { method, sid, token }) {
      const call = (await until(`the callback of ${what}`, () => received, (calls) => calls.length > 0)).shift();
      assert.equal(call.method, method, what);
      const form = method === 'POST' ? Object.fromEntries(new URLSearchParams(call.body)) : {};
      assert.ok(twilio.validateRequest(token, call.signature, call.url, form), `X-Twilio-Signature of ${what}`);
      assert.ok(!twilio.validateRequest('another', call.signature, call.url, form), 'a signature by any token was accepted');
      const { AccountSid, ApiVersion, ...parameters } = { ...Object.fromEntries(new URL(call.url).searchParams), ...form };
      assert.deepEqual([AccountSid, ApiVersion], [sid, 'v1'], what);
      return parameters;
    },
    stop() {
      assert.deepEqual(received, [], 'callbacks that nobody waits for');
      server.closeAllConnections();
      server.close();
    },
  };
}
