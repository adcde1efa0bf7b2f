// Time that passes only when a test says so: setTimeout, clearTimeout and Date.now
// until the test ends. node:test has one too, but not with Date in Debian's Node.js.
export function fakeClock(t) {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout, now: Date.now };
  const waiting = new Set();
  let nowMs = 0;
  globalThis.setTimeout = (run, ms = 0, ...values) => {
    const timer = { atMs: nowMs + Math.max(1, ms), run: () => run(...values), unref: () => timer };
    waiting.add(timer);
    return timer;
  };
  globalThis.clearTimeout = (timer) => waiting.delete(timer);
  Date.now = () => nowMs;
  t.after(() => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Date.now = real.now;
  });
  return {
    // Runs what is due within this time, in its order.
    tick(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const due = [...waiting].filter(({ atMs }) => atMs <= endMs);
        if (due.length === 0) break;
        const next = due.reduce((first, timer) => (timer.atMs < first.atMs ? timer : first));
        waiting.delete(next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = endMs;
    },
  };
}
