// KORE's SDK for Node, with nothing changed, in the words of proxied-twilio.mjs. It uses Node's fetch, which before Node 24 heeds no
// variable: then undici's agent does so for it.
import { createRequire } from 'node:module';
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';
import { refused, tell, until } from './proxied.mjs';

setGlobalDispatcher(new EnvHttpProxyAgent());
const { KoreClient } = createRequire(import.meta.url)('kore-wireless-sdk');
const { wirelessApi } = new KoreClient('sandbox-client-0001', 'sandbox-secret-000000000000000001');

const listed = [];
for (let page, i = 0; i < 3; i++) {
  page = await wirelessApi.listSims({
    status: 'new', pageSize: 1, pageToken: page && new URL(page.meta.next_page_url).searchParams.get('PageToken'),
  });
  listed.push(...page.sims);
}
tell('sims', listed.map(({ status }) => status));
const sim = await wirelessApi.getSim(listed[0].sid);
tell('sim', sim.status, sim.rate_plan_sid, sim.iccid === listed[0].iccid);
const plan = await wirelessApi.createRatePlan({ UniqueName: 'story', DataEnabled: true, DataLimit: 500, DataMetering: 'payg' });
tell('plan', plan.unique_name, plan.data_enabled, plan.data_limit, (await wirelessApi.getRatePlan('story')).sid === plan.sid);
tell('update', (await wirelessApi.updateSim(sim.sid, { UniqueName: 'story sim', Status: 'active', RatePlan: 'story' })).unique_name);
const active = await until(() => wirelessApi.getSim('story sim'), ({ status }) => status === 'active');
tell('sim', active.status, active.rate_plan_sid === plan.sid);
await wirelessApi.createCommand({ Sim: sim.sid, Command: 'on' });
const { commands: [delivered] } = await until(
  () => wirelessApi.getCommand({ sim: sim.sid }), ({ commands: [{ status }] }) => status === 'delivered');
tell('command', delivered.command, delivered.direction, delivered.status);
tell('commands', (await wirelessApi.getCommand({ sim: sim.sid })).commands.length);
const { usage_records: [usage] } = await wirelessApi.listDataUsageForSim(sim.sid);
tell('usage', usage.commands.total, usage.data.total);
tell('sessions', (await wirelessApi.getDataSessions(sim.sid)).data_sessions.length);
tell('remove', await refused(wirelessApi.deleteRatePlan(plan.sid)));
const other = await wirelessApi.createRatePlan({ UniqueName: 'other' });
tell('remove', await wirelessApi.deleteRatePlan(other.sid), await refused(wirelessApi.getRatePlan('other')));
