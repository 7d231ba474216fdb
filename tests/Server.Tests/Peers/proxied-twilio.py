# Twilio's SDK for Python, reaching the server by HTTPS_PROXY. What it sees is printed, in the words of proxied-twilio.mjs.
import os
import time

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

client = Client('AC00000000000000000000000000000001', 'sandbox-token-000000000000000001')
# This SDK does not read REQUESTS_CA_BUNDLE; it believes the machine's own list, or this setting.
client.http_client.session.verify = os.environ['REQUESTS_CA_BUNDLE']
sims, plans, commands = client.wireless.sims, client.wireless.rate_plans, client.wireless.commands


def until(ask, satisfied):
    deadline = time.monotonic() + 60
    while not satisfied(answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f'not within a minute: {answer}')
        time.sleep(0.1)
    return answer


def refused(call):
    try:
        call()
        return 'done'
    except TwilioRestException as e:
        return f'{e.status} {e.code}'


def tell(*words):
    print(*[str(word).lower() if isinstance(word, bool) else '' if word is None else word for word in words])


listed = sims.list(status='new', page_size=1, limit=3)
tell('sims', ','.join(sim.status for sim in listed))
sim = sims(listed[0].sid).fetch()
tell('sim', sim.status, sim.rate_plan_sid, sim.iccid == listed[0].iccid)
plan = plans.create(unique_name='story', data_enabled=True, data_limit=500, data_metering='payg')
tell('plan', plan.unique_name, plan.data_enabled, plan.data_limit, plans('story').fetch().sid == plan.sid)
tell('update', sims(sim.sid).update(unique_name='story sim', status='active', rate_plan='story').unique_name)
active = until(lambda: sims('story sim').fetch(), lambda sim: sim.status == 'active')
tell('sim', active.status, active.rate_plan_sid == plan.sid)
command = commands.create(sim=sim.sid, command='on')
delivered = until(lambda: commands(command.sid).fetch(), lambda command: command.status == 'delivered')
tell('command', delivered.command, delivered.direction, delivered.status)
tell('commands', len(commands.list(sim=sim.sid)))
usage = sims(sim.sid).usage_records.list()[0]
tell('usage', usage.commands['total'], usage.data['total'])
tell('sessions', len(sims(sim.sid).data_sessions.list()))
events = client.monitor.events.list(resource_sid=sim.sid, page_size=1)
tell('events', ','.join(event.event_type for event in events), client.monitor.events(events[0].sid).fetch().resource_sid == sim.sid)
tell('remove', refused(plans(plan.sid).delete))
tell('remove', plans(plans.create(unique_name='other').sid).delete(), refused(plans('other').fetch))
account = client.api.accounts('AC00000000000000000000000000000001').fetch()
tell('account', account.type, account.status)
