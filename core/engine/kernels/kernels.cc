// The addon: TensorFlow operations that it doesn't have itself, for Node to register and tfjs to run by name.
#include <node_api.h>
#include <tensorflow/c/c_api.h>
#include <tensorflow/c/kernels.h>
#include <tensorflow/c/ops.h>
#include <tensorflow/c/tf_tensor.h>

#include <new>
#include <stdexcept>
#include <string_view>

#include "threads.h"
#include "winograd.h"

namespace {

struct Status {
  TF_Status* const raw = TF_NewStatus();
  ~Status() { TF_DeleteStatus(raw); }
  void expect() const {
    if (TF_GetCode(raw) != TF_OK) throw std::runtime_error(TF_Message(raw));
  }
};

struct Tensor {
  TF_Tensor* const raw;
  explicit Tensor(TF_Tensor* tensor) : raw(tensor) {}
  Tensor(const Tensor&) = delete;
  ~Tensor() { TF_DeleteTensor(raw); }
  float* data() const { return static_cast<float*>(TF_TensorData(raw)); }
  int dim(int axis) const { return int(TF_Dim(raw, axis)); }
  Images images() const { return {dim(0), dim(1), dim(2), dim(3)}; }
};

TF_Tensor* input(TF_OpKernelContext* context, int index) {
  const Status status;
  TF_Tensor* tensor = nullptr;
  TF_GetInput(context, index, &tensor, status.raw);
  status.expect();
  if (TF_NumDims(tensor) != 4) throw std::invalid_argument("operands need rank 4");
  return tensor;
}

TF_Tensor* output(TF_OpKernelContext* context, const int64_t (&shape)[4]) {
  const Status status;
  const std::size_t bytes = 4 * shape[0] * shape[1] * shape[2] * shape[3];
  TF_Tensor* const tensor = TF_AllocateOutput(context, 0, TF_FLOAT, shape, 4, bytes, status.raw);
  status.expect();
  return tensor;
}

void expectChannels(int channels) {
  if (channels < 1 || channels % channelMultiple != 0) throw std::invalid_argument("channels come in multiples of 32");
}

// AuxflowConvolve: x [n, h, w, in], kernel [3, 3, in, out]; or flipped x [n, h, w, out], to [n, h', w', in].
struct Convolve {
  int pad;
  bool flipped;

  void compute(TF_OpKernelContext* context) const {
    const Tensor x(input(context, 0)), kernel(input(context, 1));
    const Images in = x.images();
    if (kernel.dim(0) != 3 || kernel.dim(1) != 3) throw std::invalid_argument("the kernel is not 3x3");
    if (kernel.dim(flipped ? 3 : 2) != in.channels) throw std::invalid_argument("images and kernel differ in channels");
    const Images out{in.count, in.height + 2 * pad - 2, in.width + 2 * pad - 2, kernel.dim(flipped ? 2 : 3)};
    if (out.height < 1 || out.width < 1) throw std::invalid_argument("images are smaller than the kernel");
    expectChannels(in.channels);
    expectChannels(out.channels);
    const Tensor y(output(context, {out.count, out.height, out.width, out.channels}));
    convolve(x.data(), in, kernel.data(), flipped, pad, y.data(), out);
  }
};

// AuxflowKernelGradient: x [n, h, w, in], dy [n, h', w', out], to [3, 3, in, out].
struct KernelGradient {
  int pad;

  void compute(TF_OpKernelContext* context) const {
    const Tensor x(input(context, 0)), dy(input(context, 1));
    const Images in = x.images(), out = dy.images();
    if (out.count != in.count || out.height != in.height + 2 * pad - 2 || out.width != in.width + 2 * pad - 2) {
      throw std::invalid_argument("images and cotangent don't fit each other");
    }
    expectChannels(in.channels);
    expectChannels(out.channels);
    const Tensor gradient(output(context, {3, 3, in.channels, out.channels}));
    convolveKernelGradient(x.data(), in, dy.data(), out, pad, gradient.data());
  }
};

int intAttribute(TF_OpKernelConstruction* construction, const char* name) {
  const Status status;
  int64_t value = 0;
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status.raw);
  return int(value);
}

bool boolAttribute(TF_OpKernelConstruction* construction, const char* name) {
  const Status status;
  TF_Bool value = 0;
  TF_OpKernelConstruction_GetAttrBool(construction, name, &value, status.raw);
  return value;
}

void fail(TF_OpKernelContext* context, TF_Code code, const char* message) {
  const Status status;
  TF_SetStatus(status.raw, code, message);
  TF_OpKernelContext_Failure(context, status.raw);
}

template <class Kernel>
void compute(void* kernel, TF_OpKernelContext* context) {
  try {
    static_cast<const Kernel*>(kernel)->compute(context);
  } catch (const std::bad_alloc&) {
    fail(context, TF_RESOURCE_EXHAUSTED, "out of memory");
  } catch (const std::exception& error) {
    fail(context, TF_INVALID_ARGUMENT, error.what());
  }
}

template <class Kernel>
void define(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> attributes,
            const char* result, void* (*create)(TF_OpKernelConstruction*)) {
  const Status status;
  TF_OpDefinitionBuilder* const op = TF_NewOpDefinitionBuilder(name);
  for (const char* one : inputs) TF_OpDefinitionBuilderAddInput(op, one);
  for (const char* one : attributes) TF_OpDefinitionBuilderAddAttr(op, one);
  TF_OpDefinitionBuilderAddOutput(op, result);
  TF_RegisterOpDefinition(op, status.raw);
  status.expect();
  const auto destroy = [](void* kernel) { delete static_cast<Kernel*>(kernel); };
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute<Kernel>, destroy), status.raw);
  status.expect();
}

// As another copy of this addon in the process has done; TensorFlow ends the process where a name comes twice.
bool areDefined() {
  TF_Buffer* const operations = TF_GetAllOpList();
  const std::string_view list(static_cast<const char*>(operations->data), operations->length);
  const bool found = list.find("AuxflowConvolve") != list.npos;
  TF_DeleteBuffer(operations);
  return found;
}

void defineAll() {
  if (areDefined()) return;
  define<Convolve>("AuxflowConvolve", {"x: float", "kernel: float"}, {"pad: int", "flipped: bool"}, "y: float",
                   [](TF_OpKernelConstruction* from) -> void* {
                     return new Convolve{intAttribute(from, "pad"), boolAttribute(from, "flipped")};
                   });
  define<KernelGradient>("AuxflowKernelGradient", {"x: float", "dy: float"}, {"pad: int"}, "gradient: float",
                         [](TF_OpKernelConstruction* from) -> void* {
                           return new KernelGradient{intAttribute(from, "pad")};
                         });
}

// start(threads): defines the operations and starts their threads, once a process; later calls find both.
napi_value start(napi_env env, napi_callback_info info) {
  std::size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  int wanted = 1;
  napi_get_value_int32(env, argument, &wanted);
  try {
    static const bool once = (startThreads(wanted), defineAll(), true);
    (void)once;
  } catch (const std::exception& error) {
    napi_throw_error(env, nullptr, error.what());
  }
  return nullptr;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "start", NAPI_AUTO_LENGTH, start, nullptr, &function);
  napi_set_named_property(env, exports, "start", function);
  return exports;
}
