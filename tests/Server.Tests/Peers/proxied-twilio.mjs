// Twilio's SDK for Node in the version that is named, with nothing changed: it reaches the server by HTTP_PROXY. What it sees is printed.
import { createRequire } from 'node:module';
import { refused, tell, until } from './proxied.mjs';

const [version] = process.argv.slice(2);
const client = createRequire(import.meta.url)(version)('AC00000000000000000000000000000001', 'sandbox-token-000000000000000001');
const { sims, ratePlans, commands } = client.wireless.v1;

const listed = await sims.list({ status: 'new', pageSize: 1, limit: 3 });
tell('sims', listed.map(({ status }) => status));
const sim = await sims(listed[0].sid).fetch();
tell('sim', sim.status, sim.ratePlanSid, sim.iccid === listed[0].iccid);
const plan = await ratePlans.create({ uniqueName: 'story', dataEnabled: true, dataLimit: 500, dataMetering: 'payg' });
tell('plan', plan.uniqueName, plan.dataEnabled, plan.dataLimit, (await ratePlans('story').fetch()).sid === plan.sid);
tell('update', (await sims(sim.sid).update({ uniqueName: 'story sim', status: 'active', ratePlan: 'story' })).uniqueName);
const active = await until(() => sims('story sim').fetch(), ({ status }) => status === 'active');
tell('sim', active.status, active.ratePlanSid === plan.sid);
const command = await commands.create({ sim: sim.sid, command: 'on' });
const delivered = await until(() => commands(command.sid).fetch(), ({ status }) => status === 'delivered');
tell('command', delivered.command, delivered.direction, delivered.status);
tell('commands', (await commands.list({ sim: sim.sid })).length);
const [usage] = await sims(sim.sid).usageRecords.list();
tell('usage', usage.commands.total, usage.data.total);
tell('sessions', (await sims(sim.sid).dataSessions.list()).length);
const events = await client.monitor.events.list({ resourceSid: sim.sid, pageSize: 1 });
tell('events', events.map((event) => event.eventType), (await client.monitor.events(events[0].sid).fetch()).resourceSid === sim.sid);
tell('remove', await refused(ratePlans(plan.sid).remove()));
tell('remove', await ratePlans((await ratePlans.create({ uniqueName: 'other' })).sid).remove(), await refused(ratePlans('other').fetch()));
const account = await client.api.accounts('AC00000000000000000000000000000001').fetch();
tell('account', account.type, account.status);
