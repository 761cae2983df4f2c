import { setTimeout } from 'node:timers/promises';
import { RunError } from '../../core/errors/index.js';
import type { Clock } from '../../core/stages/index.js';

/** Where a server is and how to speak to it. */
export interface MlflowAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds without an answer after which a request is given up; a try has a third of them. */
  readonly patience: number;
  readonly clock: Clock;
}

/** What a server answers in JSON. */
type Answer = Readonly<Record<string, unknown>>;

interface Request {
  readonly method: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A try that failed; `final` where another would fail the same way. */
interface Fault {
  readonly fault: string;
  readonly final: boolean;
  /** As MLflow calls it. */
  readonly code?: unknown;
}

/**
 * Requests to an MLflow server. One that stays without an answer, or gets a fault of the server's own, is tried again in
 * ever longer intervals until patience ends. They reject with a RunError: `mlflow/unreachable` then, `mlflow/refused`
 * for what the server won't have.
 * @see https://mlflow.org/docs/latest/api_reference/rest-api.html
 */
export class MlflowServer {
  constructor(private readonly access: MlflowAccess) {}

  /** @param call such as `runs/create` */
  post(call: string, body: object): Promise<Answer> {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return this.insist(`mlflow/${call}`, init);
  }

  /** @returns `undefined` where the server knows no such thing */
  async find(call: string, query: Readonly<Record<string, string>>): Promise<Answer | undefined> {
    try {
      return await this.insist(`mlflow/${call}?${String(new URLSearchParams(query))}`, { method: 'GET' });
    } catch (error) {
      if (error instanceof RunError && error.code === 'mlflow/unknown') return undefined;
      throw error;
    }
  }

  /** @param place path below the artifacts that the server keeps */
  async upload(place: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
    const path = place.split('/').map(encodeURIComponent).join('/');
    const headers = { 'content-type': 'application/octet-stream' };
    await this.insist(`mlflow-artifacts/artifacts/${path}`, { method: 'PUT', body, headers });
  }

  private async insist(path: string, init: Request): Promise<Answer> {
    const { url, headers, patience, clock } = this.access;
    const address = `${url.replace(/\/+$/, '')}/api/2.0/${path}`;
    const began = clock();
    for (let pause = patience / 100; ; pause = Math.min(2 * pause, patience / 6)) {
      const outcome = await attempt(address, {
        ...init,
        headers: { ...headers, ...init.headers },
        signal: AbortSignal.timeout(Math.ceil(patience / 3)),
      });
      if ('answer' in outcome) return outcome.answer;
      const { fault, final, code } = outcome;
      const message = `MLflow at ${url} (${path.replace(/\?.*/, '')}) ${fault}`;
      if (code === 'RESOURCE_DOES_NOT_EXIST') throw new RunError('mlflow/unknown', message);
      if (final) throw new RunError('mlflow/refused', message);
      if (clock() - began + pause > patience) {
        throw new RunError('mlflow/unreachable', `${message}, for ${patience / 1000} seconds`, {
          hint: 'Nothing is lost of the run itself; a longer "patience" bridges a longer absence.',
        });
      }
      await setTimeout(pause);
    }
  }
}

async function attempt(address: string, init: RequestInit): Promise<{ readonly answer: Answer } | Fault> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, init);
    text = await response.text();
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    return { fault: `doesn't answer (${cause?.code ?? message})`, final: false };
  }
  const { status, ok } = response;
  const answer = parsed(text);
  if (ok && answer) return { answer };
  if (ok && init.method === 'PUT') return { answer: {} };
  if (ok) return { fault: "answers with something else than JSON; is it an MLflow server's address?", final: true };
  const message = answer?.['message'];
  const said = typeof message === 'string' ? message : text.slice(0, 200);
  const final = status < 500 && status !== 408 && status !== 429;
  return { fault: `answers ${status}: ${said}`, final, code: answer?.['error_code'] };
}

function parsed(text: string): Answer | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}
