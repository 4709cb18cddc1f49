// The tables of test/conformance, as the browser's tests need them.

import { readFileSync } from 'node:fs';

const read = (file) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');

// What is served is what is described: the Go tests hold the description to the routes.
const served = new Set(
  [...read('api/openapi.yaml').matchAll(/^ {2,4}"?\/v1\/([^":]+)"?:$/gm)].map((match) => match[1]),
);

// The areas of the web SDK, each with its methods; `later` are the calls of a method that are not
// served yet.
export const areas = JSON.parse(read('test/conformance/web-sdk.json')).map((area) => ({
  ...area,
  methods: area.methods.map((method) => ({
    ...method,
    later: (method.calls ?? []).filter((call) => call !== 'GET /connect' && !served.has(call)),
  })),
}));

export const methods = new Map(
  areas.flatMap((area) => area.methods.map((method) => [method.method, { ...method, area: area.area }])),
);
