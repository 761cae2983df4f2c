import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

interface FakeRun {
  readonly experiment: string;
  readonly name: string;
  status: string;
  readonly params: Map<string, string>;
  readonly metrics: { key: string; value: unknown; step: number; timestamp: number }[];
}

type Body = Record<string, unknown> & { run_id: string };

/** Speaks as much of MLflow's REST protocol as a run needs, and fails as it is told to. */
export class FakeMlflow implements AsyncDisposable {
  readonly experiments = new Map<string, string>();
  readonly runs: FakeRun[] = [];
  readonly artifacts = new Map<string, Buffer>();
  readonly requests: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingMessage['headers'];
  }[] = [];
  /** How a request is failed: an HTTP status, `hang` without an answer, `drop` of the connection; `undefined` to serve it. */
  fail: (path: string) => number | 'hang' | 'drop' | undefined = () => undefined;
  /** Milliseconds before an answer. */
  delay = 0;
  artifactScheme = 'mlflow-artifacts:';
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens, on the same port as before. */
  async up(): Promise<void> {
    const server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url!, this.url);
    const path = decodeURIComponent(pathname.replace('/api/2.0/', ''));
    this.requests.push({ method: request.method!, path, headers: request.headers });
    const how = this.fail(path);
    if (how === 'hang') return;
    if (how === 'drop') {
      request.destroy();
      return;
    }
    await setTimeout(this.delay);
    const send = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (how !== undefined) send(how, { error_code: 'INTERNAL_ERROR', message: 'told to fail' });
    else if (request.method === 'PUT') {
      this.artifacts.set(path.replace('mlflow-artifacts/artifacts/', ''), Buffer.concat(chunks));
      response.writeHead(200).end();
    } else {
      const body = (chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {}) as Body;
      const answered = this.call(path.replace('mlflow/', ''), body, searchParams);
      if (answered) send(200, answered);
      else send(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `there is no such thing` });
    }
  }

  private call(path: string, body: Body, query: URLSearchParams): object | undefined {
    const info = (id: number) => ({ run_id: String(id), artifact_uri: `${this.artifactScheme}/1/${id}/artifacts` });
    if (path === 'experiments/get-by-name') {
      const id = this.experiments.get(query.get('experiment_name')!);
      return id === undefined ? undefined : { experiment: { experiment_id: id } };
    }
    if (path === 'experiments/create') {
      const id = String(this.experiments.size + 1);
      this.experiments.set(body['name'] as string, id);
      return { experiment_id: id };
    }
    if (path === 'runs/create') {
      const { experiment_id: experiment, run_name: name } = body as unknown as {
        experiment_id: string;
        run_name: string;
      };
      this.runs.push({ experiment, name, status: 'RUNNING', params: new Map(), metrics: [] });
      return { run: { info: info(this.runs.length - 1) } };
    }
    const found = this.runs[Number(body.run_id)];
    if (!found) return undefined;
    if (path === 'runs/update') found.status = body['status'] as string;
    const { params = [], metrics = [] } = body as unknown as {
      params?: { key: string; value: string }[];
      metrics?: FakeRun['metrics'];
    };
    if (params.length > 100 || metrics.length > 1000) throw new Error('more than a request may bring');
    for (const { key, value } of params) found.params.set(key, value);
    found.metrics.push(...metrics);
    return { run_info: info(Number(body.run_id)) };
  }
}
