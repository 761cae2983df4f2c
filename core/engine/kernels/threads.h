// A loop over independent items on a few threads.
#pragma once

#include <functional>

// Starts the threads that `parallel` uses from then on, the caller's counted: `count`, or as many as the system gives.
// Once a process.
void startThreads(int count);
int threads();

// Calls work(item, thread) once for every item from 0 to count - 1, on threads 0 to threads() - 1; returns after all.
void parallel(int count, const std::function<void(int item, int thread)>& work);
