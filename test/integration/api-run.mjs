// A run by the API, as a program of one's own has it: node api-run.mjs SPEC, a pipeline in JSON; prints the run's summary.
import { filter } from 'rxjs';
import { isEvent, pipeline } from 'auxflow';

const run = pipeline(JSON.parse(process.argv[2] ?? '{}'));
await run.pipe(filter(isEvent('run:end'))).forEach(({ summary }) => console.log(JSON.stringify(summary)));
