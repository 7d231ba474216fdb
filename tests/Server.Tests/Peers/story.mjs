// What the stories share: the sandbox's well-known credentials, one line per step, and waiting on a condition.
import assert from 'node:assert/strict';

export const url = process.env.SIMKEEPER_URL?.replace(/\/$/, '');
if (!url) {
  console.error('Set SIMKEEPER_URL to the base URL of a running sandbox, such as http://127.0.0.1:8080.');
  process.exit(2);
}

export const sandbox = {
  master: {
    sid: 'AC00000000000000000000000000000001',
    token: 'sandbox-token',
    plan: 'WP00000000000000000000000000000001',
    planName: 'sandbox-plan',
  },
  subaccount: { sid: 'AC00000000000000000000000000000002', token: 'sandbox-token-2', plan: 'WP00000000000000000000000000000002' },
  project: 'sandbox',
  gigsKey: 'gpk_sandbox',
  gigsReadKey: 'gpk_sandbox_read',
  operatorKey: 'skop_sandbox',
};

export const basic = ({ sid, token }) => `Basic ${btoa(`${sid}:${token}`)}`;

let current = 'the start';

/** Runs one step and prints `ok <what>`; a failure names the step it happened in. */
export async function step(what, run) {
  current = what;
  const result = await run();
  console.log(`ok ${what}`);
  return result;
}

/** Runs a whole story and ends the process: 0 when every step was ok, 1 at the first that was not. */
export async function tell(story) {
  try {
    await story();
    process.exitCode = 0;
  } catch (error) {
    console.error(`FAILED in: ${current}\n${error?.stack ?? error}`);
    process.exitCode = 1;
  }
}

/** Asks again until the answer satisfies the condition; fails with the last answer once the deadline has passed. */
export async function until(what, ask, satisfied, deadlineMs = 20_000) {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    assert.ok(Date.now() < deadline, `${what}: not within ${deadlineMs} ms; last seen: ${JSON.stringify(answer)}`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/**
 * Runs something while the SIM clock stands still. The carrier answers by that clock, so an accepted change stays
 * `updating` for as long as the story needs, however slow the machine.
 */
export async function whileFrozen(run) {
  await operate('clock/freeze');
  try {
    return await run();
  } finally {
    await operate('clock/resume');
  }
}

/** Asks the operator API, and gives its answer; anything but a success fails. */
export async function operate(where, body) {
  const answer = await fetch(`${url}/operator/v1/${where}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.operatorKey}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${where} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}
