// What is walked through Prism, one story for each API. Requests keep to the spec, also those that are to be refused:
// Prism would answer any other itself.
import assert from 'node:assert/strict';
import { basic, operate, sandbox, until, url, whileFrozen } from './story.mjs';

const { master, subaccount, project } = sandbox;
const unknownSim = `DE${'f'.repeat(32)}`;

/** Walks all nine paths of the wireless spec as Twilio's SDKs use them, signed in by Basic or by an access token. */
async function kore(call, authorization = basic(master)) {
  const signedIn = { authorization };
  const get = (what, where, expected = 200) => call(what, 'GET', where, expected, signedIn);
  const post = (what, sim, form, expected = 200) => call(what, 'POST', `/v1/Sims/${sim}`, expected, { ...signedIn, form });
  const onward = (absolute) => absolute.slice(new URL(absolute).origin.length);

  const first = await get('the first page', '/v1/Sims?PageSize=3');
  assert.equal(first.sims.length, 3);
  const second = await get('the next page', onward(first.meta.next_page_url));
  await get('the page before', onward(second.meta.previous_page_url));
  await get('the default page', '/v1/Sims');
  for (const status of ['new', 'ready', 'active', 'suspended', 'deactivated', 'canceled', 'scheduled', 'updating'])
    await get(`status ${status}`, `/v1/Sims?Status=${status}&PageSize=1000`);
  await get('by ICCID', `/v1/Sims?Iccid=${first.sims[0].iccid}`);
  await get('by EID', `/v1/Sims?EId=${first.sims.find((sim) => sim.e_id)?.e_id ?? '8'.repeat(32)}`);
  await get('by registration code', '/v1/Sims?SimRegistrationCode=NOSUCHCODE');
  await get('by plan and status', `/v1/Sims?RatePlan=${master.planName}&Status=new`);

  const { sims } = await get('SIMs for the changes', '/v1/Sims?Status=new&PageSize=1000');
  const [sim, other, doomed] = sims.filter((candidate) => !candidate.unique_name && !candidate.rate_plan_sid).map(({ sid }) => sid);
  assert.ok(doomed, 'the sandbox has too few SIMs of status new');
  await get('by sid', `/v1/Sims/${sim}`);

  await post('names', sim, { UniqueName: 'through prism', FriendlyName: 'Gate — north' });
  await get('by unique name', '/v1/Sims/through%20prism');
  await post('a taken name', other, { UniqueName: 'through prism' }, 400);
  await post('no names', sim, { UniqueName: '', FriendlyName: '' });
  for (const kind of ['CommandsCallback', 'SmsFallback', 'Sms', 'VoiceFallback', 'Voice']) {
    await post(`${kind} set`, sim, { [`${kind}Url`]: 'https://example.com/hook?a=1', [`${kind}Method`]: 'GET' });
    await post(`${kind} cleared`, sim, { [`${kind}Url`]: '' });
  }
  await post('activation without a plan', sim, { Status: 'active' }, 400);
  await post('an unknown plan', sim, { RatePlan: 'no-such-plan' }, 404);
  await post('a move', other, { AccountSid: subaccount.sid, RatePlan: subaccount.plan });
  await post('the move back', other, { AccountSid: master.sid, RatePlan: '' });
  await post('a plan', sim, { RatePlan: master.plan });
  await post('a step that is not possible', sim, { Status: 'suspended' }, 400);
  await whileFrozen(async () => {
    const callback = { CallbackUrl: 'http://127.0.0.1:9/nobody', CallbackMethod: 'POST' };
    const accepted = await post('a status', sim, { Status: 'active', ...callback }, 202);
    assert.equal(accepted.status, 'updating');
    await post('a second status meanwhile', sim, { Status: 'suspended' }, 409);
    await get('while it is updating', `/v1/Sims/${sim}`);
  });
  const settled = (what, is) => until(what, async () => (await fetch(`${url}/v1/Sims/${sim}`, { headers: signedIn })).json(), is);
  await settled('status active', ({ status }) => status === 'active');
  await get('an active SIM', `/v1/Sims/${sim}`);
  await whileFrozen(async () => {
    await post('a reset', sim, { ResetStatus: 'resetting' }, 202);
    await post('a second reset meanwhile', sim, { ResetStatus: 'resetting' }, 409);
  });
  await settled('the end of the reset', ({ reset_status: reset }) => reset === null);
  await call('an active SIM', 'DELETE', `/v1/Sims/${sim}`, 409, signedIn);
  await call('a new SIM', 'DELETE', `/v1/Sims/${doomed}`, 204, signedIn);
  await get('a deleted SIM', `/v1/Sims/${doomed}`, 404);
  await post('an unknown SIM', unknownSim, { FriendlyName: 'x' }, 404);
  await call('an unknown SIM', 'DELETE', `/v1/Sims/${unknownSim}`, 404, signedIn);
  if (authorization.startsWith('Bearer')) await call('a token that is none', 'GET', '/v1/Sims', 403, { authorization: 'Bearer nonsense' });
  else await call('a wrong password', 'GET', '/v1/Sims', 401, { authorization: basic({ ...master, token: 'wrong' }) });
  await plansAndCommands(call, signedIn, sim, other);
  await usage(call, signedIn, sim);
}

/** Walks the paths of RatePlans and Commands, with a SIM that is active and one that is new. */
async function plansAndCommands(call, signedIn, active, idle) {
  const get = (what, where, expected = 200) => call(what, 'GET', `/v1/${where}`, expected, signedIn);
  const post = (what, where, form, expected) => call(what, 'POST', `/v1/${where}`, expected, { ...signedIn, form });
  const remove = (what, where, expected = 204) => call(what, 'DELETE', `/v1/${where}`, expected, signedIn);

  const plan = await post('every property', 'RatePlans', [
    ['UniqueName', 'prism'], ['FriendlyName', 'Through Prism'], ['DataEnabled', 'true'], ['DataMetering', 'payg'], ['DataLimit', '5'],
    ['DataLimitStrategy', 'throttle'], ['MessagingEnabled', 'false'], ['VoiceEnabled', 'false'], ['NationalRoamingEnabled', 'true'],
    ['NationalRoamingDataLimit', '1'], ['InternationalRoaming', 'data'], ['InternationalRoaming', 'messaging'],
    ['InternationalRoamingDataLimit', '1'],
  ], signedIn.authorization.startsWith('Bearer') ? 200 : 201);
  await post('a taken name', 'RatePlans', { UniqueName: 'prism' }, 400);
  await get('a page', 'RatePlans?PageSize=1');
  await get('by name', 'RatePlans/prism');
  await get('an unknown one', 'RatePlans/no-such-plan', 404);
  await post('other names', `RatePlans/${plan.sid}`, { UniqueName: '', FriendlyName: 'Renamed' }, 200);
  await remove('one in use', `RatePlans/${master.plan}`, 409);
  await remove('an unused one', `RatePlans/${plan.sid}`);
  await remove('it again', `RatePlans/${plan.sid}`, 404);

  const command = await post('a Command', 'Commands', { Sim: active, Command: 'on', IncludeSid: 'start', CallbackUrl: 'http://127.0.0.1:9/' }, 201);
  await post('bytes', 'Commands', { Sim: active, Command: 'AAH/', CommandMode: 'binary', DeliveryReceiptRequested: 'false' }, 201);
  await post('to a SIM that is not in service', 'Commands', { Sim: idle, Command: 'on' }, 400);
  await post('to an unknown SIM', 'Commands', { Sim: unknownSim, Command: 'on' }, 404);
  const first = await get('a page', `Commands?Sim=${active}&Direction=to_sim&Transport=sms&PageSize=1`);
  await get('the next page', first.meta.next_page_url.slice(first.meta.next_page_url.indexOf('Commands?')));
  for (const status of ['queued', 'sent', 'delivered', 'received', 'failed']) await get(`status ${status}`, `Commands?Status=${status}`);
  await get('by sid', `Commands/${command.sid}`);
  await remove('a Command', `Commands/${command.sid}`);
  await get('a deleted one', `Commands/${command.sid}`, 404);
  await remove('it again', `Commands/${command.sid}`, 404);
}

/** Walks the paths of UsageRecords and DataSessions, with a SIM that was used at home and abroad. */
async function usage(call, signedIn, sim) {
  const get = (what, where, expected = 200) => call(what, 'GET', `/v1/${where}`, expected, signedIn);
  const onward = ({ next_page_url: next }) => next.slice(next.indexOf('/v1/') + '/v1/'.length);
  const [start, at] = [new Date(Date.now() - 7_200_000), new Date(Date.now() - 60_000)];
  const bytes = { uploadedBytes: 1_000, downloadedBytes: 20_000 };
  await operate('usage', [
    { sim, session: 'home', start, at, ...bytes, radio: 'LTE', imei: '490154203237518', mcc: '001', mnc: '01' },
    { sim, session: 'abroad', start, at, end: at, ...bytes, mcc: '704', mnc: '01' },
    { sim, session: 'unknown place', start, at, ...bytes },
  ]);
  for (const [list, key] of [[`Sims/${sim}/UsageRecords`, 'usage_records'], ['UsageRecords', 'usage_records']]) {
    assert.ok((await get('all of it', list))[key][0].data.international_roaming.length > 0);
    for (const granularity of ['all', 'daily', 'hourly']) {
      const range = `Granularity=${granularity}&Start=${new Date(start - 86_400_000).toISOString()}&End=${at.toISOString()}`;
      const page = await get(granularity, `${list}?${range}&PageSize=2`);
      if (page.meta.next_page_url) await get('the next page', onward(page.meta));
    }
    await get('a range that ends before it begins', `${list}?Start=2026-02-01T00:00:00Z&End=2026-01-01T00:00:00Z`, 400);
  }
  const sessions = await get('sessions', `Sims/${sim}/DataSessions?PageSize=2`);
  assert.equal(sessions.data_sessions.length, 2);
  await get('the next page', onward(sessions.meta));
  for (const list of ['UsageRecords', 'DataSessions']) await get('an unknown SIM', `Sims/${unknownSim}/${list}`, 404);
}

/** Walks the SIMs pages of Gigs. */
async function gigs(call) {
  const signedIn = { authorization: `Bearer ${sandbox.gigsKey}` };
  const sims = `/projects/${project}/sims`;
  const get = (what, where, expected = 200) => call(what, 'GET', where, expected, signedIn);
  const post = (what, where, json, expected = 200) => call(what, 'POST', where, expected, { ...signedIn, json });
  const patch = (what, where, json, expected = 200) => call(what, 'PATCH', where, expected, { ...signedIn, json });

  const first = await get('the first page', `${sims}?limit=2`);
  assert.equal(first.items.length, 2);
  await get('the items after it', `${sims}?limit=2&after=${first.moreItemsAfter}`);
  await get('the items before', `${sims}?limit=2&before=${first.moreItemsAfter}`);
  await get('no items', `${sims}?limit=0`);
  await get('filtered', `${sims}?provider=test&status=inactive,active&type=pSIM`);
  await get('an unknown cursor', `${sims}?after=sim_${'0'.repeat(22)}`, 422);
  await get('both cursors', `${sims}?after=${first.items[0].id}&before=${first.items[0].id}`, 422);
  const [eSim] = (await get('an eSIM', `${sims}?type=eSIM&limit=1`)).items;
  const [pSim] = (await get('a pSIM', `${sims}?type=pSIM&limit=1`)).items;
  await get('one SIM', `${sims}/${eSim.id}`);
  await get('an unknown SIM', `${sims}/sim_${'0'.repeat(22)}`, 404);
  await get('an unknown project', '/projects/nobody/sims', 404);
  await get('the credentials of an eSIM', `${sims}/${eSim.id}/credentials`);
  await get('the credentials of a pSIM', `${sims}/${pSim.id}/credentials`);
  await get('the profile of an eSIM', `${sims}/${eSim.id}/eSimProfile`);
  await get('the profile of a pSIM', `${sims}/${pSim.id}/eSimProfile`, 404);
  await patch('metadata', `${sims}/${eSim.id}`, { metadata: { site: 'north', door: '7' } });
  await patch('less metadata', `${sims}/${eSim.id}`, { metadata: { site: null, door: null } });
  await patch('metadata that is not ours', `${sims}/${eSim.id}`, { metadata: { 'gigs.com/x': '1' } }, 422);
  const readOnly = { authorization: `Bearer ${sandbox.gigsReadKey}`, json: { metadata: {} } };
  await call('a read-only key', 'PATCH', `${sims}/${eSim.id}`, 403, readOnly);
  await post('an ICCID we have', `${sims}/search`, { iccid: eSim.iccid, type: ['eSIM'] });
  await post('an ICCID nobody has', `${sims}/search`, { iccid: '8900000000000000000' });
  await call('a wrong key', 'GET', sims, 401, { authorization: 'Bearer gpk_wrong' });
}

/** Walks the operator API. The operation it looks at is begun through KORE and waits, because the SIM clock stands still. */
async function operator(call) {
  const signedIn = { authorization: `Bearer ${sandbox.operatorKey}` };
  const at = (where) => `/operator/v1/${where}`;
  const get = (what, where, expected = 200) => call(what, 'GET', at(where), expected, signedIn);
  const send = (method) => (what, where, json, expected) => call(what, method, at(where), expected, { ...signedIn, json });
  const [post, put] = [send('POST'), send('PUT')];
  const remove = (what, where, expected = 204) => call(what, 'DELETE', at(where), expected, signedIn);

  await get('all of them', 'accounts?limit=500');
  await get('one account', `accounts/${master.sid}`);
  await get('an unknown account', `accounts/AC${'f'.repeat(32)}`, 404);
  await post('a subaccount', 'accounts', { name: 'Story', project: 'story', parent: master.sid }, 201);
  await post('a project that is taken', 'accounts', { name: 'Story', project: 'story', parent: master.sid }, 409);

  for (const kind of ['gigs', 'kore', 'client']) {
    const key = await post(`kind ${kind}`, `accounts/${master.sid}/keys`, { kind, role: 'read', name: 'story' }, 201);
    await get('the keys of an account', `accounts/${master.sid}/keys`);
    await remove('the key', `accounts/${master.sid}/keys/${key.id}`);
    await remove('the key again', `accounts/${master.sid}/keys/${key.id}`, 404);
  }
  const key = await post('a key for an operator', 'operator-keys', { role: 'read', name: 'story' }, 201);
  await get('the keys of operators', 'operator-keys');
  await remove('the key', `operator-keys/${key.id}`);

  const first = await get('the first page', 'sims?limit=2');
  await get('the next page', `sims?limit=2&after=${encodeURIComponent(first.next)}`);
  const { items: sims } = await get('by account, status and carrier', `sims?account=${master.sid}&status=new&provider=test&limit=500`);
  const [eSim, pSim] = ['eSIM', 'pSIM'].map((type) => sims.find((sim) => sim.type === type) ?? assert.fail(`no ${type}`));
  await get('by ICCID', `sims?iccid=${eSim.iccid}`);
  await get('by sid', `sims/${eSim.sid}`);
  await get('by Gigs id', `sims/${eSim.id}`);
  await get('an unknown SIM', `sims/${unknownSim}`, 404);
  await put('an installed profile', `sims/${eSim.sid}/esim-profile`, { status: 'installed' }, 200);
  await put('the profile of a pSIM', `sims/${pSim.sid}/esim-profile`, { status: 'installed' }, 409);

  await whileFrozen(async () => {
    const begun = await fetch(`${url}/v1/Sims/${pSim.sid}`, {
      method: 'POST',
      headers: { authorization: basic(master) },
      body: new URLSearchParams({ Status: 'active', RatePlan: master.plan }),
    });
    assert.equal(begun.status, 202, await begun.text());
    await get('all of them', 'operations');
    const { items: [operation] } = await get('of one SIM', `operations?sim=${pSim.sid}&state=open&carrier=test`);
    await get('by id', `operations/${operation.id}`);
    await post('the end by hand', `operations/${operation.id}/force`, { outcome: 'done' }, 200);
    await post('the end twice', `operations/${operation.id}/force`, { outcome: 'done' }, 409);
  });
  await post('a device speaks', 'commands/inbound', { sim: pSim.sid, command: 'hello', mode: 'text' }, 201);
  // Until the carrier has been asked, the server itself may move the operation on between our reading and changing it.
  const asked = ({ id }) => until('the carrier is asked',
    async () => (await fetch(`${url}${at(`operations/${id}`)}`, { headers: signedIn })).json(), ({ attempts }) => attempts > 0);
  for (const verb of ['suspend', 'activate', 'reset', 'deactivate']) {
    await whileFrozen(async () => {
      const begun = await post(`${verb} a SIM`, `sims/${pSim.sid}/${verb}`, {}, 202);
      await post(`${verb} it meanwhile`, `sims/${pSim.sid}/${verb}`, {}, 409);
      await asked(begun);
      await post('a retry', `operations/${begun.id}/retry`, undefined, 202);
    });
    await post('a moment', 'clock/advance', { by: '1m' }, 200);
  }
  await post('a device that is not in service', 'commands/inbound', { sim: eSim.sid, command: 'hello' }, 409);
  await post('the SIM of nobody', 'commands/inbound', { sim: unknownSim, command: 'hello' }, 404);
  await post('an unknown plan', `sims/${eSim.id}/activate`, { ratePlan: 'no-such-plan' }, 404);
  await whileFrozen(async () => {
    const begun = await post('with a plan', `sims/${eSim.id}/activate`, { ratePlan: master.plan }, 202);
    await asked(begun);
    await post('taken back', `operations/${begun.id}/withdraw`, undefined, 200);
    await post('taken back twice', `operations/${begun.id}/withdraw`, undefined, 409);
  });

  const { next } = await get('the first page', 'events?limit=2');
  await get('the next page', `events?limit=2&after=${next}`);
  await get('of a SIM', `events?sim=${pSim.sid}&type=sim.updated`);
  await get('of an account, since', `events?account=${master.sid}&since=2026-01-01T00:00:00Z&limit=500`);
  await put('its limits', 'carriers/test', { callsPerSecond: 100, inFlight: 10 }, 200);
  await put('one limit', 'carriers/test', { callsPerSecond: 0 }, 200);
  await put('an unknown one', 'carriers/nobody', { inFlight: 10 }, 404);

  const hook = await post('an endpoint', 'webhook-endpoints', { account: master.sid, url: 'http://127.0.0.1:9/nobody', events: ['com.gigs.sim.*'] }, 201);
  await post('an endpoint for nothing', 'webhook-endpoints', { account: master.sid, url: 'http://127.0.0.1:9/nobody', events: ['sim.updated'] }, 400);
  await get('endpoints', `webhook-endpoints?account=${master.sid}`);
  await get('an endpoint', `webhook-endpoints/${hook.id}`);
  await post('a new secret', `webhook-endpoints/${hook.id}/rotate-secret`, undefined, 200);
  await post('enabled', `webhook-endpoints/${hook.id}/enable`, undefined, 200);
  const sample = await post('a sample', `webhook-endpoints/${hook.id}/test`, { event: 'com.gigs.sim.retired' }, 202);
  await post('a sample of what is pending', `deliveries/${sample.id}/redeliver`, undefined, 409);
  await post('two days', 'clock/advance', { by: '48h' }, 200);
  await get('a dead delivery', `deliveries/${sample.id}`);
  await get('deliveries', `deliveries?state=dead&kind=webhook&endpoint=${hook.id}&account=${master.sid}&since=2026-01-01T00:00:00.000Z`);
  await get('of a SIM', `deliveries?sim=${pSim.sid}&limit=2`);
  await post('it once more', `deliveries/${sample.id}/redeliver`, undefined, 202);
  await post('all that is dead', 'deliveries/redeliver', { since: '2026-01-01T00:00:00.000Z' }, 202);
  await remove('the endpoint', `webhook-endpoints/${hook.id}`);
  await get('the endpoint again', `webhook-endpoints/${hook.id}`, 404);
  await get('an unknown delivery', `deliveries/dlv_${'0'.repeat(22)}`, 404);

  const { now } = await get('the time', 'clock');
  await post('to a time', 'clock/advance', { to: new Date(Date.parse(now) + 3_600_000).toISOString() }, 200);
  await post('to the past', 'clock/advance', { to: '2026-01-01T00:00:00Z' }, 400);
  await post('stop', 'clock/freeze', undefined, 200);
  await post('go', 'clock/resume', undefined, 200);
  await post('an outage', 'faults', { carrier: 'test', kind: 'down', for: '10m', name: 'story' }, 201);
  await post('refusals', 'faults', { kind: 'refuse', code: 4711, count: 3, seed: 7 }, 201);
  await post('slowness', 'faults', { kind: 'slow', delay: '500ms' }, 201);
  await post('a carrier without faults', 'faults', { carrier: 'lab', kind: 'down' }, 400);
  await get('those in force', 'faults');
  await remove('all of them', 'faults');
  await get('an unknown operation', `operations/op_${'0'.repeat(22)}`, 404);
  await get('all of them', 'carriers');
  await call('a wrong key', 'GET', at('accounts'), 401, { authorization: 'Bearer skop_wrong' });
}

/** Walks what stands beside the Sims of the KORE dialect: accounts, tokens, webhook secrets, Monitor events. */
async function accounts(call) {
  const signedIn = { authorization: basic(master) };
  const get = (what, where, expected = 200) => call(what, 'GET', where, expected, signedIn);
  const form = (what, where, fields, expected = 200) => call(what, 'POST', where, expected, { ...signedIn, form: fields });
  const json = (method) => (what, where, value, expected) => call(what, method, where, expected, { ...signedIn, json: value });
  const [post, patch] = [json('POST'), json('PATCH')];
  const onward = (absolute) => absolute.slice(new URL(absolute).origin.length);

  const list = '/2010-04-01/Accounts';
  const made = await form('a subaccount', list, { FriendlyName: 'Through prism' }, 201);
  const one = `${list}/${made.sid}`;
  await get('the first page', `${list}?PageSize=1&Status=active`);
  await get('by name', `${list}?FriendlyName=Through%20prism`);
  await get('one account', one);
  await form('a name', one, { FriendlyName: 'Renamed' });
  await form('a suspension', one, { Status: 'suspended' });
  await call('a suspended account', 'GET', '/v1/Sims', 403, { authorization: basic({ sid: made.sid, token: made.auth_token }) });
  await form('the end', one, { Status: 'closed' });
  await form('what is closed', one, { Status: 'active' }, 409);
  const keys = `${list}/${master.sid}/Keys`;
  const key = await form('a key', keys, { FriendlyName: 'Through prism' }, 201);
  await get('the keys', `${keys}?PageSize=1`);
  await form('its name', `${keys}/${key.sid}`, { FriendlyName: 'Renamed' });
  await get('one key', `${keys}/${key.sid}`);
  await call('keys by a key', 'GET', keys, 401, { authorization: basic({ sid: key.sid, token: key.secret }) });
  await call('the key', 'DELETE', `${keys}/${key.sid}`, 204, signedIn);
  await get('a key that is gone', `${keys}/${key.sid}`, 404);
  await get('no alerts', '/v1/Alerts?LogLevel=error&StartDate=2026-01-01');
  await get('an unknown account', `${list}/AC${'f'.repeat(32)}`, 404);
  await call('the master by its subaccount', 'GET', `${list}/${master.sid}`, 401, { authorization: basic(subaccount) });

  const endpoint = '/api-services/v1/auth/token';
  const client = { grant_type: 'client_credentials', client_id: 'sandbox-client', client_secret: 'sandbox-secret' };
  const { access_token: token } = await call('a client', 'POST', endpoint, 200, { form: client });
  await call('a wrong secret', 'POST', endpoint, 401, { form: { ...client, client_secret: 'wrong' } });
  await call('no secret', 'POST', endpoint, 400, { form: { grant_type: 'client_credentials', client_id: 'x' } });
  await call('a token', 'GET', '/v1/Sims', 200, { authorization: `Bearer ${token}` });
  await call('a token that is none', 'GET', '/v1/Sims', 403, { authorization: 'Bearer nonsense' });

  const first = await post('the first', '/v1/secrets', { Name: 'first' }, 201);
  const second = await post('another', '/v1/secrets', { Name: 'second' }, 201);
  assert.deepEqual([first.status, second.status], ['active', 'pending']);
  await get('the first page', '/v1/secrets?page_size=1&page_number=1');
  await get('by status', '/v1/secrets?status=pending');
  await patch('back to pending', `/v1/secrets/${first.id}`, { Status: 'pending' }, 409);
  await patch('active', `/v1/secrets/${second.id}`, { Name: 'renamed', Status: 'active' }, 200);
  await patch('what is gone', `/v1/secrets/${first.id}`, { Name: 'x' }, 404);

  const [sim] = (await get('a SIM', '/v1/Sims?Status=new&PageSize=1')).sims;
  for (const name of ['one', 'two', '']) await form(`the name ${name}`, `/v1/Sims/${sim.sid}`, { FriendlyName: name });
  await form('a plan', `/v1/Sims/${sim.sid}`, { RatePlan: master.plan });
  await form('a status', `/v1/Sims/${sim.sid}`, { Status: 'deactivated' }, 202);
  const settled = async () => (await fetch(`${url}/v1/Sims/${sim.sid}`, { headers: signedIn })).json();
  await until('status deactivated', settled, ({ status }) => status === 'deactivated');
  const page = await get('the first page', '/v1/Events?PageSize=2');
  await get('the next page', onward(page.meta.next_page_url));
  for (const filter of [`ResourceSid=${sim.sid}`, `ActorSid=${master.sid}`, 'SourceIpAddress=127.0.0.1', 'EventType=wireless-sim.updated'])
    await get(filter, `/v1/Events?${filter}&StartDate=2026-01-01&EndDate=2199-01-01T00:00:00Z`);
  await get('two filters', `/v1/Events?ResourceSid=${sim.sid}&SourceIpAddress=127.0.0.1`, 400);
  await get('one event', `/v1/Events/${page.events[0].sid}`);
  await get('an unknown event', `/v1/Events/AE${'f'.repeat(32)}`, 404);
}

/** Walks Monitor as Twilio's own spec has it. */
async function monitor(call) {
  const signedIn = { authorization: basic(master) };
  const get = (what, where, expected = 200) => call(what, 'GET', where, expected, signedIn);
  await get('no alerts', '/v1/Alerts?LogLevel=error&StartDate=2026-01-01T00:00:00Z&PageSize=20');
  const { sims } = await (await fetch(`${url}/v1/Sims?Status=new&PageSize=1`, { headers: signedIn })).json();
  for (const FriendlyName of ['one', 'two', 'three']) {
    const body = new URLSearchParams({ FriendlyName });
    assert.equal((await fetch(`${url}/v1/Sims/${sims[0].sid}`, { method: 'POST', headers: signedIn, body })).status, 200);
  }
  const page = await get('the first page', '/v1/Events?PageSize=2');
  assert.equal(page.events.length, 2);
  await get('the next page', page.meta.next_page_url.slice(new URL(page.meta.next_page_url).origin.length));
  for (const filter of [`ResourceSid=${sims[0].sid}`, `ActorSid=${master.sid}`, 'SourceIpAddress=127.0.0.1', 'EventType=wireless-sim.updated'])
    await get(filter, `/v1/Events?${filter}&StartDate=2026-01-01T00:00:00Z&EndDate=2199-01-01T00:00:00Z`);
  await get('one event', `/v1/Events/${page.events[0].sid}`);
}

export const stories = { kore, gigs, operator, accounts, monitor };
