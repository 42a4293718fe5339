// Asked by Docker whether the api of this container lives.
const answer = await fetch(`http://127.0.0.1:${process.env.API_PORT ?? 8080}/healthz`, {
  signal: AbortSignal.timeout(3_000),
});
process.exit(answer.ok ? 0 : 1);
