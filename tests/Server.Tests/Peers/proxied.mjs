// What the stories through the proxy share.
export async function until(ask, satisfied) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    if (Date.now() > deadline) throw new Error(`not within a minute: ${JSON.stringify(answer)}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

export const refused = (promise) => promise.then(() => 'done', ({ status, code }) => `${status} ${code}`);
export const tell = (...words) => console.log(words.join(' '));
