// Exceptions in a page. Each is a fault: one answer or event that the SDK cannot digest
// stops its receive queue for good, and nothing else would show it. One kind has a time in
// which it is expected, see withoutServer.

// The SDK reports what was delivered and read from a worker (httpRequestMessageFeedbackWorker
// in its index.js) whose fetch has no catch. So what it reports to a server that is gone
// comes out as an exception of the page.
const feedback = /\/v1\/chat\/message\/feedback\/(delivered|read)$/;
const failedFetch = /^TypeError: Failed to fetch\n\s+at blob:\S+$/;

export class Faults {
  #thrown = [];
  #outage = false;
  #lost = []; // failed fetches of a worker in an outage
  #unsent = 0; // reports that did not reach the server in an outage

  // constructor collects what a page throws, from before it loads anything.
  constructor(page) {
    page.on('pageerror', (error) => {
      const stack = error.stack ?? String(error);
      const list = this.#outage && failedFetch.test(stack) ? this.#lost : this.#thrown;
      list.push(stack);
    });
    page.on('requestfailed', (request) => {
      if (this.#outage && feedback.test(request.url())) {
        this.#unsent += 1;
      }
    });
  }

  // list returns the faults: each report that was lost explains one exception.
  list() {
    return [...this.#thrown, ...this.#lost.slice(this.#unsent)];
  }

  // withoutServer runs a test's body that ends the server and brings it back, and returns once
  // the pages are connected to it again. Only meanwhile may reports be lost.
  static async withoutServer(pages, body) {
    for (const page of pages) {
      page.#outage = true;
    }
    await body();
    for (const page of pages) {
      page.#outage = false;
    }
  }
}
