// The life that a store of a release is filled with. It ends with the clock standing still, so that nothing of it goes on by itself.

const megabyte = 1_000_000;

/** Fills a store: a sandbox whose clock stands. Gives the SIMs by the part they play, and the secrets that only the answers showed. */
export async function fill({ api, send, authorizations, receiver, master }) {
  const story = { api, send, authorizations, receiver, master, sims: {}, accounts: { master: master.sid }, plans: {} };
  story.secrets = { tokens: { [master.sid]: master.token }, kore: {}, webhooks: {} };
  await api.json('operator', '/operator/v1/clock/freeze');
  await fillLongAgo(story);
  await fillAccounts(story);
  await fillPlans(story);
  await fillEndpoints(story);
  await fillSims(story);
  await fillListeners(story);
  await fillEndedOperations(story);
  await fillCommands(story);
  await fillUsage(story);
  await fillReaders(story);
  await fillOpen(story);
  return story;
}

/** Luhn, as ITU-T E.118 has it for an ICCID. */
function iccid(number) {
  const digits = `898830${String(number).padStart(12, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const value = digit * (i % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return digits + ((10 - (sum % 10)) % 10);
}

let numbers = 0;

/** Imports one SIM for each part, and remembers its sid. */
async function importSims({ api, sims, accounts }, account, parts) {
  const columns = [...new Set(Object.values(parts).flatMap((row) => Object.keys(row)))];
  const rows = Object.values(parts).map((row) => {
    const number = ++numbers;
    row.iccid ??= iccid(number);
    const own = [row.iccid, `00101${String(number).padStart(10, '0')}`, `99970${String(number).padStart(7, '0')}`];
    return [...own, ...columns.map((column) => (column === 'iccid' ? '' : (row[column] ?? '')))].join(',');
  });
  const header = ['iccid', 'imsi', 'msisdn', ...columns.map((column) => (column === 'iccid' ? 'unused' : column))].join(',');
  await api.csv(accounts[account], `${header}\n${rows.join('\n')}\n`);
  for (const [part, row] of Object.entries(parts)) {
    const found = await api.get('operator', `/operator/v1/sims?iccid=${row.iccid}`);
    sims[part] = { sid: found.items[0].sid, id: found.items[0].id, iccid: row.iccid, account };
  }
}

const sim = ({ sims }, part) => `/v1/Sims/${sims[part].sid}`;

/** Asks for a status and waits until it is settled. */
async function reach(story, part, status, more = {}, as = 'kore') {
  await story.api.form(as, sim(story, part), { Status: status, ...(story.plans.fleet ? { RatePlan: 'fleet' } : {}), ...more });
  await story.api.advance('1s');
}

async function force({ api, sims }, part, outcome) {
  const { items } = await api.get('operator', `/operator/v1/operations?state=open&sim=${sims[part].sid}`);
  await api.json('operator', `/operator/v1/operations/${items[0].id}/force`, { outcome });
}

/** What months have passed over. No messages yet: they would be removed for their age. */
async function fillLongAgo(story) {
  const { api } = story;
  story.plans.fleet = (await api.form('kore', '/v1/RatePlans', { UniqueName: 'fleet', FriendlyName: 'The fleet', DataLimit: '500' })).sid;
  await importSims(story, 'master', {
    longReady: { provider: 'test' }, longSuspended: { provider: 'test' }, canceled: { provider: 'test' },
    retired: { provider: 'test', smdp_address: 'smdp.example.com', matching_id: 'RETIRED-1' },
  });
  await reach(story, 'longReady', 'ready');
  await reach(story, 'longSuspended', 'active');
  await reach(story, 'longSuspended', 'suspended');
  await reach(story, 'canceled', 'active');
  await reach(story, 'canceled', 'deactivated');
  await reach(story, 'retired', 'deactivated');
  await api.advance('2232h');
}

const basic = (user, password) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

async function fillAccounts(story) {
  const { api, authorizations, accounts, secrets, master } = story;
  async function account(name, body) {
    const made = await api.json('operator', '/operator/v1/accounts', body);
    accounts[name] = made.sid;
    secrets.tokens[made.sid] = made.authToken;
    authorizations[name] = basic(made.sid, made.authToken);
  }
  await account('field', { name: 'Field trials', project: 'field-trials', parent: master.sid });
  await account('paused', { name: 'Paused', project: 'paused', parent: master.sid });
  await account('closed', { name: 'Closed', project: 'closed', parent: master.sid });
  await account('other', { name: 'Another customer', project: 'another-customer' });
  const own = await api.form('kore', '/2010-04-01/Accounts.json', { FriendlyName: 'Made by its master' });
  accounts.own = own.sid;
  secrets.tokens[own.sid] = own.auth_token;
  authorizations.own = basic(own.sid, own.auth_token);

  const key = (name, kind, more = {}) =>
    api.json('operator', `/operator/v1/accounts/${accounts[name]}/keys`, { kind, ...more });
  const bearer = async (made) => `Bearer ${(await made).secret}`;
  authorizations.gigsWrite = await bearer(key('master', 'gigs', { name: 'dashboard' }));
  authorizations.gigsRead = await bearer(key('master', 'gigs', { role: 'read', name: 'reporting' }));
  authorizations.gigsField = await bearer(key('field', 'gigs'));
  authorizations.gigsOther = await bearer(key('other', 'gigs'));
  for (const [name, role] of [['koreWrite', 'write'], ['koreRead', 'read']]) {
    const { id, secret } = await key('master', 'kore', { role, name });
    authorizations[name] = basic(id, secret);
  }
  const client = await key('master', 'client', { name: 'billing' });
  story.client = { client_id: client.id, client_secret: client.secret };
  const revoked = await key('master', 'gigs', { name: 'lost laptop' });
  authorizations.revoked = `Bearer ${revoked.secret}`;
  await api.drop('operator', `/operator/v1/accounts/${accounts.master}/keys/${revoked.id}`);
  await key('master', 'gigs', { name: 'for a week', expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString() });
  authorizations.operatorNew = await bearer(api.json('operator', '/operator/v1/operator-keys', { name: 'night shift' }));
  authorizations.operatorRead = await bearer(api.json('operator', '/operator/v1/operator-keys', { role: 'read' }));

  const secret = async (as, Name) => (await api.json(as, '/v1/secrets', { Name }));
  secrets.kore[accounts.master] = (await secret('kore', 'first')).secret;
  secrets.koreNext = (await secret('kore', 'next')).secret;
  await secret('field', 'old');
  const next = await secret('field', 'new');
  await api.json('field', `/v1/secrets/${next.id}`, { Status: 'active' }, 'PATCH');
  secrets.kore[accounts.field] = next.secret;
}

async function fillPlans({ api, plans }) {
  const plan = async (as, name, more) =>
    (plans[name] = (await api.form(as, '/v1/RatePlans', { UniqueName: name, ...more })).sid);
  await plan('kore', 'small', { DataLimit: '1', FriendlyName: 'One megabyte' });
  await plan('kore', 'slow', { DataLimit: '1', DataLimitStrategy: 'throttle' });
  await plan('kore', 'meters', { Narrowband: 'annual' });
  await plan('kore', 'silent', { MessagingEnabled: 'false', DataEnabled: 'false', VoiceEnabled: 'true' });
  await plan('kore', 'quota', { DataMetering: 'quota-10' });
  await plan('field', 'fleet', {});
  plans.fieldFleet = plans.fleet;
  await plan('other', 'fleet', {});
  plans.fleet = (await api.get('kore', '/v1/RatePlans/fleet')).sid;
  const abroad = new URLSearchParams({ UniqueName: 'abroad', NationalRoamingEnabled: 'true', InternationalRoamingDataLimit: '250' });
  for (const service of ['data', 'messaging']) abroad.append('InternationalRoaming', service);
  await api.form('kore', '/v1/RatePlans', abroad);
  await api.advance('1s');
  await api.form('kore', '/v1/RatePlans/abroad', { FriendlyName: 'Abroad, renamed' });
  const gone = await api.form('kore', '/v1/RatePlans', { UniqueName: 'gone' });
  await api.drop('kore', `/v1/RatePlans/${gone.sid}`);
}

async function note({ api, sims, master }, part, metadata) {
  await api.json('gigs', `/projects/${master.project}/sims/${sims[part].id}`, { metadata }, 'PATCH');
}

async function endpoint({ api, accounts, secrets, receiver }, account, path, more) {
  const body = { account: accounts[account], url: receiver.url + path, ...more };
  const made = await api.json('operator', '/operator/v1/webhook-endpoints', body);
  secrets.webhooks[made.id] = [made.secret];
  return made.id;
}

/** An endpoint that is disabled for its failures, one that says it is gone, one of a subaccount. */
async function fillEndpoints(story) {
  const { api } = story;
  await endpoint(story, 'master', '/broken/hook', { events: ['com.gigs.sim.updated'] });
  await note(story, 'longReady', { told: 'once' });
  await api.advance('144h');
  await note(story, 'longReady', { told: 'twice', 'ключ': 'ü <&> "é"' });
  await api.advance('1m');
  await endpoint(story, 'master', '/gone/hook', { events: ['com.gigs.eSimProfile.*'] });
  await endpoint(story, 'field', '/hook/field', { events: ['com.gigs.sim.created', 'com.gigs.sim.deleted', 'com.gigs.sim.updated'] });
}

/** An endpoint that hears in order, and one whose secret was rotated. */
async function fillListeners(story) {
  const { api, secrets } = story;
  await endpoint(story, 'master', '/hook/ordered', { events: ['*'], ordered: true });
  story.rotated = await endpoint(story, 'master', '/hook/rotated?tenant=7', { events: ['com.gigs.sim.*'] });
  const { secret } = await api.json('operator', `/operator/v1/webhook-endpoints/${story.rotated}/rotate-secret`);
  secrets.webhooks[story.rotated].unshift(secret);
}

async function fillSims(story) {
  const { api, sims, accounts, receiver } = story;
  const eSim = { provider: 'test', smdp_address: 'smdp.example.com' };
  await importSims(story, 'master', {
    new: { provider: 'test' },
    ready: { provider: 'test', unique_name: 'pump-1' },
    active: {
      provider: 'test', unique_name: 'Pümpe 7 & more', friendly_name: 'Pump in the west', user: 'usr_0SNlurA049MEWV4xQpmvYx9hw9',
      registration_code: 'H3LL0', ip_address: '10.1.2.3', 'metadata.site': 'north', 'metadata.gate': '4',
    },
    suspended: { provider: 'test' },
    deactivated: { provider: 'test' },
    eSim: {
      ...eSim, matching_id: 'K2-1A2B3C4D-5E6F70', eid: '89049032123451234512345678901235', confirmation_code_required: 'true',
      user: 'usr_0SNlurA049MEWV4xQpmvYx9hw9',
    },
    counted: { ...eSim, matching_id: 'K2-COUNTED' },
    noProfile: { ...eSim, provider: 'p7', matching_id: 'K2-UNKNOWN' },
    moved: { provider: 'test', unique_name: 'traveller', user: 'usr_moved', 'metadata.owner': 'first' },
    meter: { provider: 'test', narrowband: 'true' },
    blocked: { provider: 'test' },
    throttled: { provider: 'test' },
    fourCommands: { provider: 'test' },
    almost: { provider: 'test' },
    deleted: { provider: 'test' },
    refused: { provider: 'test' },
    withdrawn: { provider: 'lab' },
    expired: { provider: 'lab' },
    forced: { provider: 'lab' },
    back: { provider: 'test' },
    ending: { provider: 'test' },
    away: { provider: 'p3' },
    awayActive: { provider: 'p3' },
    awayListens: { provider: 'p3' },
    manual: { provider: 'lab' },
    resetting: { provider: 'lab' },
    uncertain: { provider: 'p14' },
    slow: { provider: 'p15' },
    inFlight: { provider: 'test' },
  });
  await importSims(story, 'field', { fieldActive: { provider: 'test' }, fieldOpen: { provider: 'lab' } });
  await importSims(story, 'paused', { overtaken: { provider: 'lab' } });
  await importSims(story, 'other', { foreign: { provider: 'test', unique_name: 'pump-1' } });
  await api.advance('1s');

  await reach(story, 'ready', 'ready', { CallbackUrl: `${receiver.url}/ok/ready?a=1` });
  await reach(story, 'active', 'active', { CallbackUrl: `${receiver.url}/ok/active`, CallbackMethod: 'GET' });
  await api.form('kore', sim(story, 'active'), {
    CommandsCallbackUrl: `${receiver.url}/ok/from-device`, CommandsCallbackMethod: 'GET',
    SmsUrl: 'https://example.com/sms', SmsFallbackMethod: 'GET', VoiceFallbackUrl: 'https://example.com/voice',
  });
  await note(story, 'active', { gate: null, line: 'A', 'ünïcode': '日本' });
  await reach(story, 'suspended', 'active');
  await reach(story, 'suspended', 'suspended', { CallbackUrl: `${receiver.url}/gone/suspended` });
  await reach(story, 'deactivated', 'active');
  for (const part of ['eSim', 'counted']) await reach(story, part, 'active');
  const profile = (part, status) =>
    api.json('operator', `/operator/v1/sims/${sims[part].sid}/esim-profile`, { status }, 'PUT');
  await profile('eSim', 'installed');
  await api.advance('10m');
  await profile('eSim', 'enabled');
  await profile('noProfile', 'installed');
  await reach(story, 'meter', 'active', { RatePlan: 'meters' });
  await reach(story, 'blocked', 'active', { RatePlan: 'small' });
  await reach(story, 'throttled', 'active', { RatePlan: 'slow' });
  for (const part of ['fourCommands', 'almost']) await reach(story, part, 'ready', { CallbackUrl: `${receiver.url}/ok/${part}` });
  await api.drop('kore', sim(story, 'deleted'));
  await reach(story, 'back', 'active');
  await reach(story, 'back', 'deactivated', { CallbackUrl: `${receiver.url}/ok/back` });
  await reach(story, 'back', 'active');
  await reach(story, 'awayActive', 'active');
  await reach(story, 'awayListens', 'active');
  await reach(story, 'fieldActive', 'active', {}, 'field');
  await reach(story, 'foreign', 'active', {}, 'other');

  await usage(story, [{ part: 'moved', session: 'before', minutesAgo: 50, lasted: 20, up: 1200, down: 3400 }]);
  await api.form('kore', sim(story, 'moved'), { AccountSid: accounts.field, FriendlyName: 'Came from the master' });
  await api.advance('1m');
  await reach(story, 'moved', 'active', {}, 'field');
  await api.form('koreWrite', sim(story, 'new'), { FriendlyName: 'Named by a key', RatePlan: 'abroad' });
}

/** Operations that ended in each way. */
async function fillEndedOperations(story) {
  const { api, sims, accounts, receiver, plans } = story;
  await api.json('operator', '/operator/v1/faults', { carrier: 'test', kind: 'refuse', count: 1, code: 33001 });
  await reach(story, 'refused', 'active', { CallbackUrl: `${receiver.url}/ok/refused` });
  await reach(story, 'withdrawn', 'active', { CallbackUrl: `${receiver.url}/gone/withdrawn` });
  const { items } = await api.get('operator', `/operator/v1/operations?sim=${sims.withdrawn.sid}`);
  await api.json('operator', `/operator/v1/operations/${items[0].id}/withdraw`);
  await reach(story, 'expired', 'deactivated', { CallbackUrl: `${receiver.url}/moved/expired` });
  await reach(story, 'forced', 'active');
  await force(story, 'forced', 'refused');
  await api.json('operator', `/operator/v1/sims/${sims.forced.sid}/activate`, { ratePlan: plans.fleet });
  await api.advance('1s');
  await force(story, 'forced', 'done');
  await api.json('operator', `/operator/v1/sims/${sims.awayActive.sid}/reset`);
  await api.form('paused', sim(story, 'overtaken'), { Status: 'deactivated', CallbackUrl: `${receiver.url}/ok/overtaken` });
  await api.advance('1s');
  await api.form('kore', `/2010-04-01/Accounts/${accounts.paused}.json`, { Status: 'suspended' });
  await api.form('kore', `/2010-04-01/Accounts/${accounts.closed}.json`, { Status: 'closed' });
  // The operation that nobody ends does it by its deadline; the retries of what failed meanwhile go on.
  await api.advance('24h');
}

async function fillCommands(story) {
  const { api, sims, receiver } = story;
  const command = (part, more = {}, as = 'kore') => api.form(as, '/v1/Commands', { Sim: sims[part].sid, Command: 'on', ...more });
  const speak = (part, text, more = {}) =>
    api.json('operator', '/operator/v1/commands/inbound', { sim: sims[part].sid, command: text, ...more });
  await command('active', { CallbackUrl: `${receiver.url}/ok/command` });
  await command('active', { Command: 'AQID', CommandMode: 'binary', DeliveryReceiptRequested: 'false' });
  await command('active', { Command: 'status?', IncludeSid: 'start', CallbackUrl: `${receiver.url}/gone/command` });
  await speak('active', '21.5 °C');
  await speak('active', '/wAB', { mode: 'binary' });
  for (let i = 0; i < 4; i++) await command('fourCommands');
  await api.advance('1m');
  await api.json('operator', '/operator/v1/faults', { carrier: 'test', kind: 'refuse', count: 1, code: 30008 });
  await command('eSim', { CallbackUrl: `${receiver.url}/ok/failed` });
  await command('fieldActive', {}, 'field');
  const gone = await command('fieldActive', { Command: 'unsaid' }, 'field');
  await api.advance('1m');
  await api.drop('field', `/v1/Commands/${gone.sid}`);
}

/** Reports sessions by how long ago they began. */
async function usage({ api, sims }, sessions) {
  const now = Date.parse((await api.get('operator', '/operator/v1/clock')).now);
  const time = (minutesAgo) => new Date(now - minutesAgo * 60_000).toISOString();
  const reports = sessions.map(({ part, session, minutesAgo, lasted, open, up, down, ...more }) => ({
    sim: sims[part].sid, session, start: time(minutesAgo), at: time(minutesAgo - lasted), uploadedBytes: up, downloadedBytes: down,
    ...(open ? {} : { end: time(minutesAgo - lasted) }), ...more,
  }));
  const { refused } = await api.json('operator', '/operator/v1/usage', reports);
  if (refused.length > 0) throw new Error(JSON.stringify(refused));
}

async function fillUsage(story) {
  const imei = '490154203237518';
  await usage(story, [
    { part: 'active', session: 'home', minutesAgo: 2000, lasted: 60, open: true, up: 10_000, down: 20_000, radio: 'LTE', imei },
    { part: 'active', session: 'home', minutesAgo: 2000, lasted: 500, up: 40_000, down: 90_000, radio: 'NB-IoT', imei },
    { part: 'active', session: 'national', minutesAgo: 900, lasted: 100, up: 500, down: 700, mcc: '001', mnc: '02' },
    { part: 'active', session: 'abroad', minutesAgo: 400, lasted: 100, up: 5_000, down: 7_000, mcc: '262', mnc: '01', radio: '4G' },
    { part: 'active', session: 'now', minutesAgo: 90, lasted: 80, open: true, up: 3, down: 4 },
    { part: 'blocked', session: 'b', minutesAgo: 30, lasted: 20, open: true, up: megabyte, down: megabyte },
    { part: 'throttled', session: 't', minutesAgo: 30, lasted: 20, up: 0, down: megabyte },
    { part: 'almost', session: 'a', minutesAgo: 30, lasted: 20, open: true, up: 49_999, down: 200_000 },
    { part: 'moved', session: 'after', minutesAgo: 10, lasted: 10, up: 17, down: 19 },
    { part: 'foreign', session: 'f', minutesAgo: 10, lasted: 10, up: 23, down: 29 },
  ]);
  await story.api.advance('1m');
}

/** What only readers need: a token of an OAuth2 client, an answer kept under an Idempotency-Key. */
async function fillReaders(story) {
  const { api, authorizations, client, sims, master } = story;
  const token = await api.form(undefined, '/api-services/v1/auth/token', { grant_type: 'client_credentials', ...client });
  authorizations.token = `Bearer ${token.access_token}`;
  story.once = {
    as: 'gigs', method: 'POST', path: `/projects/${master.project}/sims/search`, type: 'application/json',
    headers: { 'idempotency-key': 'once-only' }, body: JSON.stringify({ iccid: sims.active.iccid }),
  };
  await story.send(story.once);
  await note(story, 'active', { after: 'the search' });
  await api.advance('1m');
}

/** What is open when the clock stands still for good: operations, Commands, messages. Nothing of it goes on until the clock does. */
async function fillOpen(story) {
  const { api, sims, receiver } = story;
  const fault = (carrier, kind, more = {}) => api.json('operator', '/operator/v1/faults', { carrier, kind, ...more });
  const ask = (part, form, as = 'kore') => api.form(as, sim(story, part), form);
  const callback = (name) => ({ CallbackUrl: `${receiver.url}/hook/${name}` });
  await reach(story, 'ending', 'active');
  await ask('resetting', { Status: 'active', RatePlan: 'fleet' });
  await api.advance('1s');
  await force(story, 'resetting', 'done');
  await api.advance('1s');
  receiver.failing = true;

  await fault('p14', 'lost');
  await ask('uncertain', { Status: 'active', RatePlan: 'fleet', ...callback('uncertain') });
  await reach(story, 'deactivated', 'deactivated', callback('deactivated'));
  await fault('p3', 'down', { name: 'outage', for: '2h' });
  await fault('p15', 'slow', { delay: '30h' });
  await ask('away', { Status: 'ready', RatePlan: 'fleet', UniqueName: 'waits', ...callback('away') });
  await ask('awayActive', { Status: 'suspended' });
  await ask('slow', { Status: 'active', RatePlan: 'fleet', ...callback('slow') });
  await ask('manual', { Status: 'active', RatePlan: 'small', ...callback('manual') });
  await ask('resetting', { ResetStatus: 'resetting', ...callback('resetting?x=%7E'), CallbackMethod: 'GET' });
  await ask('inFlight', { Status: 'active', RatePlan: 'fleet', ...callback('in-flight') });
  await ask('fieldOpen', { Status: 'active', RatePlan: 'fleet', ...callback('field-open') }, 'field');

  const command = (part, more) => api.form('kore', '/v1/Commands', { Sim: sims[part].sid, Command: 'off', ...more });
  await command('awayListens', callback('queued'));
  await command('forced', callback('waits'));
  await command('active', callback('sent'));
  await api.json('operator', '/operator/v1/commands/inbound', { sim: sims.active.sid, command: 'last words' });

  for (const step of ['one', 'two', 'three']) await note(story, 'ready', { step });
  await ask('moved', { FriendlyName: 'Told to nobody' }, 'field');
  await api.json('gigsField', `/projects/field-trials/sims/${sims.moved.id}`, { metadata: { owner: 'second' } }, 'PATCH');
  await ask('active', { Status: 'active', CallbackUrl: receiver.url.replace('//', '//user:pass%20word@') + '/hook/same' });
  await ask('eSim', { FriendlyName: 'Called by GET', ...callback('get?q=1'), CallbackMethod: 'GET' });
  const { items } = await api.get('operator', '/operator/v1/deliveries?state=dead&kind=callback&limit=1');
  await api.json('operator', `/operator/v1/deliveries/${items[0].id}/redeliver`);
  await api.json('operator', `/operator/v1/webhook-endpoints/${story.rotated}/test`, { event: 'com.gigs.sim.activated' });
  await api.json('operator', '/operator/v1/carriers/p3', { callsPerSecond: 50, inFlight: 7 }, 'PUT');
  story.frozenAt = await api.advance('0ms');
}
