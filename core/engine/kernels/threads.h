// A loop over independent items on a few threads.
#pragma once

#include <functional>

// How many threads `parallel` uses at most, the caller's among them.
void setThreads(int count);
int threads();

// Calls work(item, thread) once for every item from 0 to count - 1, on threads 0 to threads() - 1; returns after all.
void parallel(int count, const std::function<void(int item, int thread)>& work);
