#include "threads.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace {

constexpr int shortWait = 2000;  // turns of a waiting loop, some tens of microseconds

struct Pool {
  std::mutex turn;  // one loop at a time
  std::mutex mutex;
  std::condition_variable wake;
  std::atomic<long> round{0};
  std::atomic<int> next{0}, joined{0};
  bool open = false;
  int count = 0, size = 1;
  const std::function<void(int, int)>* work = nullptr;

  void drain(int thread) {
    for (int item; (item = next.fetch_add(1)) < count;) (*work)(item, thread);
  }

  void serve(int thread, long seen) {
    for (;;) {
      for (int wait = 0; wait < shortWait && round.load() == seen; wait++) __builtin_ia32_pause();
      {
        std::unique_lock<std::mutex> lock(mutex);
        wake.wait(lock, [&] { return round.load() != seen; });
        seen = round.load();
        if (!open) continue;
        joined.fetch_add(1);
      }
      drain(thread);
      joined.fetch_sub(1);
    }
  }
};

// Never destroyed: its threads wait until the process ends.
Pool& pool() {
  static Pool* const one = new Pool;
  return *one;
}

}  // namespace

void startThreads(int count) {
  Pool& p = pool();
  try {
    for (; p.size < count; p.size++) std::thread([&p, thread = p.size] { p.serve(thread, 0); }).detach();
  } catch (const std::system_error&) {
    // The system has no more to give; those there are do the work.
  }
}
int threads() { return pool().size; }

void parallel(int count, const std::function<void(int, int)>& work) {
  Pool& p = pool();
  std::lock_guard<std::mutex> turn(p.turn);
  {
    std::lock_guard<std::mutex> lock(p.mutex);
    p.work = &work;
    p.count = count;
    p.next = 0;
    p.open = true;
    p.round.fetch_add(1);
  }
  p.wake.notify_all();
  p.drain(0);
  {
    // A thread that hasn't woken yet isn't waited for.
    std::lock_guard<std::mutex> lock(p.mutex);
    p.open = false;
  }
  for (int wait = 0; p.joined.load() > 0; wait++) {
    if (wait < shortWait) __builtin_ia32_pause();
    else std::this_thread::yield();
  }
}
