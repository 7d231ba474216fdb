// Accounts and Monitor events, through Twilio's own SDK for Node.
import assert from 'node:assert/strict';
import { sandbox, step, tell, until, url } from './story.mjs';
import { clientOf, refused } from './twilio-client.mjs';

const { master } = sandbox;
const client = clientOf(master);
const accounts = client.api.v2010.accounts;
const events = client.monitor.v1.events;

await tell(async () => {
  let sub;

  await step('a subaccount is created with a name, and its token works at once', async () => {
    sub = await accounts.create({ friendlyName: 'Fleet north' });
    assert.match(sub.sid, /^AC[0-9a-f]{32}$/);
    assert.deepEqual([sub.friendlyName, sub.status, sub.type, sub.ownerAccountSid], ['Fleet north', 'active', 'Full', master.sid]);
    assert.ok(sub.dateCreated instanceof Date && !Number.isNaN(sub.dateCreated.getTime()), 'dateCreated');
    assert.ok(sub.dateUpdated instanceof Date && !Number.isNaN(sub.dateUpdated.getTime()), 'dateUpdated');
    assert.equal(sub.uri, `/2010-04-01/Accounts/${sub.sid}.json`);
    assert.deepEqual(await clientOf({ sid: sub.sid, token: sub.authToken }).wireless.v1.sims.list(), []);
    assert.match((await accounts.create()).friendlyName, /^SubAccount Created at \d{4}-\d\d-\d\d \d\d:\d\d [ap]m$/);
  });

  await step('accounts are fetched and listed, page by page and filtered', async () => {
    assert.deepEqual((await accounts(sub.sid).fetch()).toJSON(), sub.toJSON());
    const all = await accounts.list();
    assert.ok(all.some(({ sid }) => sid === master.sid) && all.some(({ sid }) => sid === sub.sid));
    const sids = all.map(({ sid }) => sid);
    assert.deepEqual((await accounts.list({ pageSize: 1 })).map(({ sid }) => sid), sids);
    const first = await accounts.page({ pageSize: 2 });
    const second = await first.nextPage();
    assert.deepEqual([...first.instances, ...second.instances].map(({ sid }) => sid), sids.slice(0, 4));
    assert.deepEqual((await second.previousPage()).instances.map(({ sid }) => sid), sids.slice(0, 2));
    assert.deepEqual((await accounts.list({ friendlyName: 'Fleet north' })).map(({ sid }) => sid), [sub.sid]);
    assert.deepEqual(await accounts.list({ status: 'closed' }), []);
  });

  await step('a subaccount is renamed, suspended, active again and closed', async () => {
    assert.equal((await accounts(sub.sid).update({ friendlyName: 'Fleet south' })).friendlyName, 'Fleet south');
    const own = clientOf({ sid: sub.sid, token: sub.authToken });
    assert.equal((await accounts(sub.sid).update({ status: 'suspended' })).status, 'suspended');
    await refused(own.wireless.v1.sims.list(), 403, 20403);
    assert.equal((await accounts(sub.sid).update({ status: 'active' })).status, 'active');
    await own.wireless.v1.sims.list();
    await refused(own.api.v2010.accounts(master.sid).fetch(), 401, 20003);
    assert.equal((await accounts(sub.sid).update({ status: 'closed' })).status, 'closed');
    await refused(own.wireless.v1.sims.list(), 401, 20003);
    await refused(accounts(sub.sid).update({ status: 'active' }), 409, 20409);
    await refused(accounts(master.sid).update({ status: 'closed' }), 409, 20409);
    await refused(accounts(`AC${'f'.repeat(32)}`).fetch(), 404, 20404);
  });

  await step('an API key is made, logs in, is listed, renamed and revoked', async () => {
    const made = await accounts(master.sid).newKeys.create({ friendlyName: 'build' });
    assert.match(made.sid, /^SK[0-9a-f]{32}$/);
    assert.ok(made.dateCreated instanceof Date && !Number.isNaN(made.dateCreated.getTime()), 'dateCreated');
    const withKey = clientOf({ sid: made.sid, token: made.secret, account: master.sid });
    await withKey.wireless.v1.sims.list({ limit: 1 });
    await refused(withKey.api.v2010.accounts(master.sid).keys.list(), 401, 20003);
    const keys = accounts(master.sid).keys;
    assert.ok((await keys.list({ pageSize: 1 })).some(({ sid, friendlyName }) => sid === made.sid && friendlyName === 'build'));
    assert.equal((await keys(made.sid).update({ friendlyName: 'deploy' })).friendlyName, 'deploy');
    assert.equal((await keys(made.sid).fetch()).friendlyName, 'deploy');
    assert.equal(await keys(made.sid).remove(), true);
    await refused(withKey.wireless.v1.sims.list(), 401, 20003);
  });

  await step('there are no alerts', async () => {
    assert.deepEqual(await client.monitor.v1.alerts.list({ logLevel: 'error', startDate: new Date(0) }), []);
    await refused(client.monitor.v1.alerts(`NO${'a'.repeat(32)}`).fetch(), 404, 20404);
  });

  await step('what happened to a SIM is read back from Monitor', async () => {
    const sims = client.wireless.v1.sims;
    const [{ sid }] = (await sims.list({ status: 'new' })).filter((sim) => sim.ratePlanSid === null);
    const started = new Date(Math.floor(Date.now() / 1000) * 1000);
    await sims(sid).update({ status: 'active', ratePlan: master.plan });
    await until('status active', () => sims(sid).fetch(), ({ status }) => status === 'active');
    await sims(sid).update({ friendlyName: 'told' });
    const [named, activated, ...others] = await events.list({ resourceSid: sid });
    assert.deepEqual(others, []);
    assert.deepEqual(named.eventData, { resource_properties: {} });
    assert.deepEqual(activated.eventData, {
      resource_properties: { rate_plan_sid: { previous: null, updated: master.plan }, status: { previous: 'new', updated: 'active' } },
    });
    const { actorSid, actorType, eventType, resourceSid, resourceType, source, accountSid, description } = activated;
    assert.deepEqual(
      { actorSid, actorType, eventType, resourceSid, resourceType, source, accountSid, description },
      {
        actorSid: master.sid, actorType: 'account', eventType: 'wireless-sim.updated', resourceSid: sid, resourceType: 'wireless-sim',
        source: 'api', accountSid: master.sid, description: null,
      },
    );
    assert.ok(activated.eventDate instanceof Date && activated.eventDate >= started, 'eventDate');
    assert.equal(activated.links.resource, `${url}/v1/Sims/${sid}`);
    assert.equal((await fetch(activated.url)).status, 401);
    assert.deepEqual((await events(activated.sid).fetch()).toJSON(), activated.toJSON());
    const sids = (list) => list.map((event) => event.sid);
    for (const filter of [{ actorSid: master.sid }, { eventType: 'wireless-sim.updated' }, { sourceIpAddress: activated.sourceIpAddress }, {}])
      assert.deepEqual(sids(await events.list({ ...filter, startDate: started, pageSize: 1 })), [named.sid, activated.sid], JSON.stringify(filter));
    assert.deepEqual(sids(await events.list({ resourceSid: sid, endDate: new Date(started - 60_000) })), []);
    await refused(events.list({ resourceSid: sid, eventType: 'wireless-sim.updated' }), 400, 20004);
    await refused(events(`AE${'f'.repeat(32)}`).fetch(), 404, 20404);
  });
});
