#include "threads.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

struct Pool {
  std::mutex turn;  // one loop at a time
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<long> round{0};
  std::atomic<int> next{0}, working{0};
  int count = 0, size = 1, started = 1;
  const std::function<void(int, int)>* work = nullptr;

  void drain(int thread) {
    for (int item; (item = next.fetch_add(1)) < count;) (*work)(item, thread);
  }

  void serve(int thread, long seen) {
    for (;;) {
      for (int spin = 0; spin < 2000 && round.load() == seen; spin++) __builtin_ia32_pause();
      if (round.load() == seen) {
        std::unique_lock<std::mutex> lock(mutex);
        wake.wait(lock, [&] { return round.load() != seen; });
      }
      seen = round.load();
      drain(thread);
      working.fetch_sub(1);
    }
  }
};

// Never destroyed: its threads wait until the process ends.
Pool& pool() {
  static Pool* const one = new Pool;
  return *one;
}

}  // namespace

void setThreads(int count) { pool().size = count < 1 ? 1 : count; }
int threads() { return pool().size; }

void parallel(int count, const std::function<void(int, int)>& work) {
  Pool& p = pool();
  std::lock_guard<std::mutex> turn(p.turn);
  for (; p.started < p.size; p.started++) {
    std::thread([&p, thread = p.started, round = p.round.load()] { p.serve(thread, round); }).detach();
  }
  p.work = &work;
  p.count = count;
  p.working = p.started - 1;
  p.next = 0;
  {
    std::lock_guard<std::mutex> lock(p.mutex);
    p.round.fetch_add(1);
  }
  p.wake.notify_all();
  p.drain(0);
  while (p.working.load() > 0) __builtin_ia32_pause();
}
