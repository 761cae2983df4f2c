import { catchError, EMPTY, type Observable } from 'rxjs';
import type { RunEvent } from '../events/index.js';

/** Listens until the run is over, however it ends; rejects only with what `listen` throws. */
export const follow = (events: Observable<RunEvent>, listen: (event: RunEvent) => void): Promise<void> =>
  events.pipe(catchError(() => EMPTY)).forEach(listen);
