// The story of a SIM, told through Twilio's own SDK for Node.
import assert from 'node:assert/strict';
import { sandbox, step, tell, until, url, whileFrozen } from './story.mjs';
import { refused, signIn, startReceiver, types, wellTyped } from './twilio-client.mjs';

const { master, subaccount } = sandbox;
const sims = signIn(master);
const ofSubaccount = signIn(subaccount);
const unknownSim = `DE${'f'.repeat(32)}`;

const sidsOf = (list) => list.map((sim) => sim.sid);
const settled = (sid, status) => until(`status ${status}`, () => sims(sid).fetch(), (sim) => sim.status === status);

async function change(sid, parameters) {
  const accepted = await sims(sid).update(parameters);
  assert.equal(accepted.status, 'updating');
  assert.equal((await settled(sid, parameters.status)).status, parameters.status);
}

await tell(async () => {
  let all;

  await step('a wrong password is 401/20003', async () => {
    await refused(signIn({ ...master, token: 'wrong' }).list({ limit: 1 }), 401, 20003);
    await refused(signIn({ ...master, token: 'wrong' })(unknownSim).fetch(), 401, 20003);
    await refused(signIn({ sid: subaccount.sid, token: master.token }).list({ limit: 1 }), 401, 20003);
  });

  await step('auto-paging lists every SIM once, newest first, whatever the page size', async () => {
    all = await sims.list();
    assert.ok(all.length > 0, 'the sandbox has no SIMs');
    const sids = sidsOf(all);
    assert.equal(new Set(sids).size, sids.length, 'a SIM was listed twice');
    all.forEach((sim, i) => assert.ok(i === 0 || sim.dateCreated <= all[i - 1].dateCreated, `${sim.sid} is newer than the one before it`));
    all.forEach(wellTyped);
    assert.ok(all.every((sim) => sim.accountSid === master.sid), 'a SIM of another account was listed');
    for (const pageSize of [37, 1000]) assert.deepEqual(sidsOf(await sims.list({ pageSize })), sids, `pageSize ${pageSize}`);
    // SIMs that were imported just before this story are the newest, so the list begins with all of them.
    const imported = process.env.SIMKEEPER_IMPORTED?.split(',').sort() ?? [];
    assert.deepEqual(all.slice(0, imported.length).map((sim) => sim.iccid).sort(), imported, 'the list does not begin with the newest');
  });

  await step('limit ends a list early, across pages, and may exceed the largest page', async () => {
    const first = (count) => sidsOf(all).slice(0, count);
    assert.deepEqual(sidsOf(await sims.list({ limit: 3 })), first(3));
    assert.deepEqual(sidsOf(await sims.list({ limit: 17, pageSize: 5 })), first(17));
    assert.deepEqual(sidsOf(await sims.list({ limit: 5000 })), first(5000));
    const seen = [];
    await new Promise((resolve, reject) => {
      sims.each({ limit: 7, pageSize: 2, callback: (sim) => seen.push(sim.sid), done: (error) => (error ? reject(error) : resolve()) });
    });
    assert.deepEqual(seen, first(7));
  });

  await step('page, nextPage, previousPage and getPage walk both ways', async () => {
    const first = await sims.page({ pageSize: 5 });
    assert.equal(first.previousPageUrl, undefined);
    assert.ok(first.nextPageUrl.startsWith(`${url}/v1/Sims?`), first.nextPageUrl);
    const second = await first.nextPage();
    const third = await second.nextPage();
    assert.deepEqual(sidsOf([first, second, third].flatMap((page) => page.instances)), sidsOf(all).slice(0, 15));
    assert.deepEqual(sidsOf((await third.previousPage()).instances), sidsOf(second.instances));
    const back = await second.previousPage();
    assert.deepEqual(sidsOf(back.instances), sidsOf(first.instances));
    assert.equal(back.previousPageUrl, undefined, 'the first page has nothing before it');
    assert.deepEqual(sidsOf((await sims.getPage(first.nextPageUrl)).instances), sidsOf(second.instances));
    const whole = await sims.page({ pageSize: 1000, iccid: all[0].iccid });
    assert.equal(whole.nextPageUrl, undefined);
    assert.equal(whole.nextPage(), undefined);
  });

  await step('a SIM is fetched by sid, with every property of the right type', async () => {
    const sim = await sims(all[0].sid).fetch();
    wellTyped(sim);
    assert.deepEqual(sim.toJSON(), all[0].toJSON());
    assert.equal(sim.url, `${url}/v1/Sims/${sim.sid}`);
    assert.equal(sim.links.usage_records, `${sim.url}/UsageRecords`);
    assert.equal(sim.links.data_sessions, `${sim.url}/DataSessions`);
  });

  // Every SIM the story changes is one it took from here, so that it runs on any sandbox with a few new SIMs left.
  const unused = (await sims.list({ status: 'new' })).filter((sim) => sim.ratePlanSid === null && sim.uniqueName === null);
  const take = () => unused.pop() ?? assert.fail('the sandbox has too few SIMs of status new');

  await step('an untouched SIM has nulls, not empty strings', async () => {
    const sim = await sims(take().sid).fetch();
    const named = (ending) => Object.keys(types).filter((name) => name.endsWith(ending));
    for (const name of ['uniqueName', 'ratePlanSid', 'resetStatus', 'ipAddress', ...named('Url')]) assert.equal(sim[name], null, name);
    for (const name of named('Method')) assert.equal(sim[name], 'POST', name);
    assert.ok(!('rate_plan' in sim.links), 'links.rate_plan without a plan');
  });

  await step('a SIM answers to its unique name, spaces and percent-encoded characters included', async () => {
    const sim = take();
    for (const uniqueName of ['pump station 7', '50% & more #1', 'Zähler+å_ø:;=@,~']) {
      // The SDK puts the name into the path as it is: a space works, anything else is the caller's to encode.
      const inPath = uniqueName.includes('%') || uniqueName.includes('+') ? encodeURIComponent(uniqueName) : uniqueName;
      assert.equal((await sims(sim.sid).update({ uniqueName })).uniqueName, uniqueName);
      assert.equal((await sims(inPath).fetch()).sid, sim.sid, uniqueName);
      assert.equal((await sims(inPath).update({ friendlyName: uniqueName })).friendlyName, uniqueName);
    }
    await refused(sims('pump station 7').fetch(), 404, 20404);
    assert.equal((await sims(sim.sid).update({ uniqueName: '', friendlyName: '' })).uniqueName, null);
  });

  await step('a unique name must be free, short and not look like a sid', async () => {
    const [one, other] = [take(), take()];
    await sims(one.sid).update({ uniqueName: 'taken' });
    for (const uniqueName of ['taken', 'x'.repeat(256), unknownSim]) await refused(sims(other.sid).update({ uniqueName }), 400, 33101);
    await sims(one.sid).update({ uniqueName: '' });
    assert.equal((await sims(other.sid).update({ uniqueName: 'taken' })).uniqueName, 'taken', 'a cleared name is free again');
    await sims(other.sid).update({ uniqueName: '' });
  });

  await step('names, URLs and methods are updated, kept and cleared', async () => {
    const { sid } = take();
    const kinds = ['commandsCallback', 'smsFallback', 'sms', 'voiceFallback', 'voice'];
    const given = { friendlyName: 'Gate — north' };
    for (const kind of kinds) Object.assign(given, { [`${kind}Url`]: `https://example.com/${kind}?a=1&b=%20`, [`${kind}Method`]: 'GET' });
    const updated = await sims(sid).update(given);
    const kept = await sims(sid).fetch();
    for (const [name, value] of Object.entries(given)) assert.deepEqual([updated[name], kept[name]], [value, value], name);
    assert.ok(kept.dateUpdated >= kept.dateCreated);
    const untouched = await sims(sid).update({ commandsCallbackMethod: 'POST' });
    assert.deepEqual([untouched.commandsCallbackMethod, untouched.smsMethod, untouched.friendlyName], ['POST', 'GET', given.friendlyName]);
    const cleared = Object.fromEntries(['friendlyName', ...kinds.map((kind) => `${kind}Url`)].map((name) => [name, '']));
    await sims(sid).update(cleared);
    const afterwards = await sims(sid).fetch();
    for (const name of Object.keys(cleared)) assert.equal(afterwards[name], null, name);
    await refused(sims(sid).update({ smsUrl: 'not a url' }), 400, 33101);
  });

  await step('a rate plan is set by sid or unique name, and removed with null', async () => {
    const { sid } = take();
    for (const ratePlan of [master.plan, master.planName]) {
      const planned = await sims(sid).update({ ratePlan });
      assert.deepEqual([planned.ratePlanSid, planned.status], [master.plan, 'new']);
      assert.equal(planned.links.rate_plan, `${url}/v1/RatePlans/${master.plan}`);
      const without = await sims(sid).update({ ratePlan: null });
      assert.deepEqual([without.ratePlanSid, 'rate_plan' in without.links], [null, false]);
    }
    await refused(sims(sid).update({ ratePlan: 'no-such-plan' }), 404, 33108);
    await refused(sims(sid).update({ ratePlan: subaccount.plan }), 404, 33108);
  });

  await step('a new SIM moves to a subaccount and back', async () => {
    const { sid } = take();
    await refused(ofSubaccount(sid).fetch(), 404, 20404);
    assert.equal((await sims(sid).update({ accountSid: subaccount.sid, ratePlan: subaccount.plan })).accountSid, subaccount.sid);
    const there = await ofSubaccount(sid).fetch();
    assert.deepEqual([there.accountSid, there.ratePlanSid], [subaccount.sid, subaccount.plan]);
    assert.ok(!sidsOf(await sims.list()).includes(sid), 'the master still lists it');
    await refused(sims(sid).update({ accountSid: master.sid }), 400, 33102);
    assert.equal((await sims(sid).update({ accountSid: master.sid, ratePlan: null })).accountSid, master.sid);
  });

  const living = take().sid;

  await step('activation needs a plan that exists', async () => {
    await refused(sims(living).update({ status: 'ready' }), 400, 33104);
    await refused(sims(living).update({ status: 'active' }), 400, 33104);
    await refused(sims(living).update({ status: 'active', ratePlan: 'no-such-plan' }), 404, 33108);
    const sim = await sims(living).fetch();
    assert.deepEqual([sim.status, sim.ratePlanSid], ['new', null], 'a refusal changed the SIM');
  });

  await step('a status change is updating until it is done, and nothing else fits in meanwhile', async () => {
    await sims(living).update({ ratePlan: master.plan });
    await whileFrozen(async () => {
      assert.equal((await sims(living).update({ status: 'ready' })).status, 'updating');
      await refused(sims(living).update({ status: 'active' }), 409, 33010);
      await refused(sims(living).update({ ratePlan: null }), 409, 33010);
      await refused(sims(living).update({ resetStatus: 'resetting' }), 409, 33010);
      const renamed = await sims(living).update({ friendlyName: 'named meanwhile' });
      assert.deepEqual([renamed.friendlyName, renamed.status], ['named meanwhile', 'updating']);
      assert.ok(sidsOf(await sims.list({ status: 'updating' })).includes(living));
    });
    await settled(living, 'ready');
  });

  await step('the walk from ready to deactivated, and the steps it refuses', async () => {
    const impossible = async (...wanted) => {
      for (const status of wanted) await refused(sims(living).update({ status }), 400, 33105);
    };
    await impossible('new', 'canceled');
    await change(living, { status: 'active' });
    await impossible('new', 'ready', 'canceled');
    await change(living, { status: 'suspended' });
    await impossible('new', 'ready', 'canceled');
    await change(living, { status: 'active' });
    assert.equal((await sims(living).update({ status: 'active' })).status, 'active', 'the same status again changes nothing');
    await refused(sims(living).update({ ratePlan: null }), 400, 33101);
    await refused(sims(living).remove(), 409, 20409);
    await change(living, { status: 'deactivated' });
    await impossible('new', 'ready', 'suspended', 'canceled');
    await change(living, { status: 'active' });
    const fresh = take().sid;
    await sims(fresh).update({ ratePlan: master.plan });
    for (const status of ['suspended', 'canceled']) await refused(sims(fresh).update({ status }), 400, 33105);
    await refused(sims(fresh).update({ status: 'asleep' }), 400, 33101);
  });

  await step('a reset shows as resetting, once at a time, and never changes the status', async () => {
    await refused(sims(take().sid).update({ resetStatus: 'resetting' }), 400, 33119);
    await refused(sims(living).update({ resetStatus: 'resetting', status: 'suspended' }), 400, 33121);
    await whileFrozen(async () => {
      const resetting = await sims(living).update({ resetStatus: 'resetting' });
      assert.deepEqual([resetting.resetStatus, resetting.status], ['resetting', 'active']);
      await refused(sims(living).update({ resetStatus: 'resetting' }), 409, 33120);
    });
    await until('the end of the reset', () => sims(living).fetch(), (sim) => sim.resetStatus === null);
  });

  await step('each filter lists exactly the SIMs it names', async () => {
    const now = await sims.list();
    const same = async (filter, belongs) =>
      assert.deepEqual(sidsOf(await sims.list(filter)), sidsOf(now.filter(belongs)), JSON.stringify(filter));
    for (const status of ['new', 'ready', 'active', 'suspended', 'deactivated', 'canceled', 'updating', 'scheduled'])
      await same({ status }, (sim) => sim.status === status);
    assert.deepEqual(await sims.list({ status: 'deleted' }), []);
    await same({ iccid: now[0].iccid }, (sim) => sim === now[0]);
    await same({ ratePlan: master.plan }, (sim) => sim.ratePlanSid === master.plan);
    await same({ ratePlan: master.planName }, (sim) => sim.ratePlanSid === master.plan);
    const activeOnPlan = (sim) => sim.ratePlanSid === master.plan && sim.status === 'active';
    await same({ ratePlan: master.plan, status: 'active', pageSize: 1 }, activeOnPlan);
    for (const { eId } of now.filter((sim) => sim.eId !== null).slice(0, 3)) await same({ eId }, (sim) => sim.eId === eId);
    const unknown = { iccid: '8900000000000000000', ratePlan: 'no-such-plan', eId: '8'.repeat(32), simRegistrationCode: 'NOSUCHCODE' };
    for (const [name, value] of Object.entries(unknown)) assert.deepEqual(await sims.list({ [name]: value }), [], name);
  });

  await step('a callback arrives as POST and as GET, and the SDK accepts its signature', async () => {
    const receiver = await startReceiver();
    try {
      for (const [status, callbackMethod] of [['suspended', undefined], ['active', 'POST'], ['suspended', 'GET']]) {
        const callbackUrl = `${receiver.origin}/${status}?kept=a%20b`;
        await change(living, { status, callbackUrl, ...(callbackMethod && { callbackMethod }) });
        const parameters = await receiver.next(status, { ...master, method: callbackMethod ?? 'POST' });
        assert.deepEqual(parameters, { SimSid: living, SimUniqueName: '', SimStatus: status, kept: 'a b' });
      }
    } finally {
      receiver.stop();
    }
  });

  await step('the SDK accepts the signature of a callback however its URL is written', async () => {
    const receiver = await startReceiver();
    const { port } = new URL(receiver.origin);
    try {
      const urls = [
        receiver.origin, `${receiver.origin}?q=1`, `${receiver.origin}/p?x=%7Ea%41b`, `${receiver.origin}/ä?x=ü`, `${receiver.origin}/?x=a|b"c`,
        `${receiver.origin}/a/../b`, `HTTP://LocalHost:${port}/Path`,
      ];
      const { status } = await sims(living).fetch();
      for (const callbackUrl of urls) {
        for (const callbackMethod of ['POST', 'GET']) {
          await sims(living).update({ status, callbackUrl, callbackMethod });
          await receiver.next(callbackUrl, { ...master, method: callbackMethod });
        }
      }
    } finally {
      receiver.stop();
    }
  });

  await step('an unknown SIM is 404/20404 for every verb', async () => {
    await refused(sims(unknownSim).fetch(), 404, 20404);
    await refused(sims(unknownSim).update({ friendlyName: 'x' }), 404, 20404);
    await refused(sims(unknownSim).remove(), 404, 20404);
    await refused(sims('no such name').fetch(), 404, 20404);
  });

  await step('a removed SIM is gone', async () => {
    const { sid, iccid } = take();
    assert.equal(await sims(sid).remove(), true);
    await refused(sims(sid).fetch(), 404, 20404);
    await refused(sims(sid).remove(), 404, 20404);
    assert.deepEqual(await sims.list({ iccid }), []);
  });
});
