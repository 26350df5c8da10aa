package org.alexnet4j.bindings;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.ByPtrPtr;
import org.bytedeco.javacpp.annotation.ByRef;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Const;
import org.bytedeco.javacpp.annotation.CriticalRegion;
import org.bytedeco.javacpp.annotation.MemberGetter;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Opaque;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;

/**
 * Binds the C ABI of {@code native/include/alexnet.h}, one method per function, by hand.
 *
 * <p>Every method returns the C status; {@link org.alexnet4j.device.NativeStatus} turns it into an
 * exception. Meanings, units and errors stand in {@code alexnet.h}, shapes in {@code shapes.h}.
 * Methods may be called from any thread; one stream is used by one thread at a time.
 *
 * <p>Handles are checked on the native side. Arrays, and memory behind pointers, are not: {@code
 * device} sees to it that they are long enough, and is what programs use.
 */
@Properties(inherit = AlexnetAbi.Config.class)
public final class AlexnetAbi {

  /** Tells JavaCPP what to include and link. The C side never throws. */
  @Properties(
      value =
          @Platform(
              value = "linux-x86_64",
              include = "alexnet.h",
              link = "alexnet",
              compiler = "cpp17",
              library = "jnialexnet"))
  @NoException
  public static class Config {}

  /** The version of the C ABI that this class was written for. */
  public static final int ABI_VERSION = 1;

  static {
    leaveMemoryToDevices();
    NativeLibraries.load(AlexnetAbi.class);
    if (alexnet_abi_version() != ABI_VERSION) {
      throw new IllegalStateException(
          "the native library speaks version "
              + alexnet_abi_version()
              + " of the ABI, these classes "
              + ABI_VERSION
              + ": jar and natives are of different builds");
    }
  }

  private AlexnetAbi() {}

  /** Lets whoever calls wait until this class has loaded the libraries. */
  private static void initialize() {}

  /**
   * JavaCPP refuses to allocate once the process has four times the heap's limit. What a device has
   * free is asked of the device; so there is no such cap, unless somebody has set one. It has to be
   * said before {@link Pointer} is initialized.
   */
  private static void leaveMemoryToDevices() {
    String property = "org.bytedeco.javacpp.maxPhysicalBytes";
    if (System.getProperty(property) == null
        && System.getProperty(property.toLowerCase(Locale.ROOT)) == null) {
      System.setProperty(property, "0");
    }
  }

  /**
   * Returns zeroed memory for some structs. It belongs to Java, so that no engine can free a struct
   * from under a call of another thread, and JavaCPP does not count it.
   */
  private static BytePointer memory(int bytes, int count) {
    return new BytePointer(ByteBuffer.allocateDirect(Math.multiplyExact(bytes, count)));
  }

  @MemberGetter
  @Name("sizeof(alexnet_conv_shape)")
  private static native int convShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_fc_shape)")
  private static native int fcShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_lrn_shape)")
  private static native int lrnShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_channels_shape)")
  private static native int channelsShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_pool_shape)")
  private static native int poolShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_lrn_pool_shape)")
  private static native int lrnPoolShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_input_shape)")
  private static native int inputShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_softmax_shape)")
  private static native int softmaxShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_dropout_shape)")
  private static native int dropoutShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_sgd_shape)")
  private static native int sgdShapeBytes();

  @MemberGetter
  @Name("sizeof(alexnet_sgd_array)")
  private static native int sgdArrayBytes();

  /** An opaque device handle. */
  @Opaque
  @Name("alexnet_device")
  public static class DeviceHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public DeviceHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public DeviceHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque stream handle. */
  @Opaque
  @Name("alexnet_stream")
  public static class StreamHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public StreamHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public StreamHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque event handle. */
  @Opaque
  @Name("alexnet_event")
  public static class EventHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public EventHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public EventHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque arena handle. */
  @Opaque
  @Name("alexnet_arena")
  public static class ArenaHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public ArenaHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public ArenaHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque buffer handle. */
  @Opaque
  @Name("alexnet_buffer")
  public static class BufferHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public BufferHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public BufferHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque graph handle. */
  @Opaque
  @Name("alexnet_graph")
  public static class GraphHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public GraphHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public GraphHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** An opaque communicator handle. */
  @Opaque
  @Name("alexnet_communicator")
  public static class CommunicatorHandle extends Pointer {
    /** Creates a null handle for a call that fills it. */
    public CommunicatorHandle() {
      super((Pointer) null);
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public CommunicatorHandle(Pointer pointer) {
      super(pointer);
    }
  }

  /** The C struct {@code alexnet_conv_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_conv_shape")
  public static class ConvShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public ConvShapeStruct() {
      super(memory(convShapeBytes(), 1));
    }

    public native int N();

    public native ConvShapeStruct N(int value);

    public native int C();

    public native ConvShapeStruct C(int value);

    public native int H();

    public native ConvShapeStruct H(int value);

    public native int W();

    public native ConvShapeStruct W(int value);

    public native int K();

    public native ConvShapeStruct K(int value);

    public native int R();

    public native ConvShapeStruct R(int value);

    public native int S();

    public native ConvShapeStruct S(int value);

    public native int stride();

    public native ConvShapeStruct stride(int value);

    public native int pad();

    public native ConvShapeStruct pad(int value);

    public native int G();

    public native ConvShapeStruct G(int value);

    public native int rounding();

    public native ConvShapeStruct rounding(int value);
  }

  /** The C struct {@code alexnet_fc_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_fc_shape")
  public static class FcShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public FcShapeStruct() {
      super(memory(fcShapeBytes(), 1));
    }

    public native int N();

    public native FcShapeStruct N(int value);

    public native int C();

    public native FcShapeStruct C(int value);

    public native int K();

    public native FcShapeStruct K(int value);
  }

  /** The C struct {@code alexnet_lrn_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_lrn_shape")
  public static class LrnShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public LrnShapeStruct() {
      super(memory(lrnShapeBytes(), 1));
    }

    public native int N();

    public native LrnShapeStruct N(int value);

    public native int H();

    public native LrnShapeStruct H(int value);

    public native int W();

    public native LrnShapeStruct W(int value);

    public native int C();

    public native LrnShapeStruct C(int value);

    public native int size();

    public native LrnShapeStruct size(int value);

    public native float k();

    public native LrnShapeStruct k(float value);

    public native float alpha();

    public native LrnShapeStruct alpha(float value);

    public native float beta();

    public native LrnShapeStruct beta(float value);
  }

  /** The C struct {@code alexnet_channels_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_channels_shape")
  public static class ChannelsShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public ChannelsShapeStruct() {
      super(memory(channelsShapeBytes(), 1));
    }

    public native @Cast("int64_t") long rows();

    public native ChannelsShapeStruct rows(@Cast("int64_t") long value);

    public native int x_channels();

    public native ChannelsShapeStruct x_channels(int value);

    public native int x_first();

    public native ChannelsShapeStruct x_first(int value);

    public native int y_channels();

    public native ChannelsShapeStruct y_channels(int value);

    public native int y_first();

    public native ChannelsShapeStruct y_first(int value);

    public native int count();

    public native ChannelsShapeStruct count(int value);
  }

  /** The C struct {@code alexnet_pool_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_pool_shape")
  public static class PoolShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public PoolShapeStruct() {
      super(memory(poolShapeBytes(), 1));
    }

    public native int N();

    public native PoolShapeStruct N(int value);

    public native int H();

    public native PoolShapeStruct H(int value);

    public native int W();

    public native PoolShapeStruct W(int value);

    public native int C();

    public native PoolShapeStruct C(int value);

    public native int size();

    public native PoolShapeStruct size(int value);

    public native int stride();

    public native PoolShapeStruct stride(int value);

    public native int mode();

    public native PoolShapeStruct mode(int value);

    public native int ties();

    public native PoolShapeStruct ties(int value);
  }

  /** The C struct {@code alexnet_lrn_pool_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_lrn_pool_shape")
  public static class LrnPoolShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public LrnPoolShapeStruct() {
      super(memory(lrnPoolShapeBytes(), 1));
    }

    public native int N();

    public native LrnPoolShapeStruct N(int value);

    public native int H();

    public native LrnPoolShapeStruct H(int value);

    public native int W();

    public native LrnPoolShapeStruct W(int value);

    public native int C();

    public native LrnPoolShapeStruct C(int value);

    public native int lrn_size();

    public native LrnPoolShapeStruct lrn_size(int value);

    public native float k();

    public native LrnPoolShapeStruct k(float value);

    public native float alpha();

    public native LrnPoolShapeStruct alpha(float value);

    public native float beta();

    public native LrnPoolShapeStruct beta(float value);

    public native int pool_size();

    public native LrnPoolShapeStruct pool_size(int value);

    public native int stride();

    public native LrnPoolShapeStruct stride(int value);

    public native int ties();

    public native LrnPoolShapeStruct ties(int value);

    public native int relu();

    public native LrnPoolShapeStruct relu(int value);
  }

  /** The C struct {@code alexnet_input_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_input_shape")
  public static class InputShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public InputShapeStruct() {
      super(memory(inputShapeBytes(), 1));
    }

    public native int N();

    public native InputShapeStruct N(int value);

    public native int source();

    public native InputShapeStruct source(int value);

    public native int size();

    public native InputShapeStruct size(int value);

    public native int mean_mode();

    public native InputShapeStruct mean_mode(int value);

    public native int block();

    public native InputShapeStruct block(int value);

    public native int blocks();

    public native InputShapeStruct blocks(int value);

    public native int slots();

    public native InputShapeStruct slots(int value);
  }

  /** The C struct {@code alexnet_softmax_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_softmax_shape")
  public static class SoftmaxShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public SoftmaxShapeStruct() {
      super(memory(softmaxShapeBytes(), 1));
    }

    public native int N();

    public native SoftmaxShapeStruct N(int value);

    public native int C();

    public native SoftmaxShapeStruct C(int value);
  }

  /** The C struct {@code alexnet_dropout_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_dropout_shape")
  public static class DropoutShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public DropoutShapeStruct() {
      super(memory(dropoutShapeBytes(), 1));
    }

    public native @Cast("int64_t") long count();

    public native DropoutShapeStruct count(@Cast("int64_t") long value);

    public native @Cast("int64_t") long first();

    public native DropoutShapeStruct first(@Cast("int64_t") long value);

    public native @Cast("uint64_t") long seed();

    public native DropoutShapeStruct seed(@Cast("uint64_t") long value);

    public native @Cast("uint32_t") int purpose();

    public native DropoutShapeStruct purpose(@Cast("uint32_t") int value);

    public native float keep();

    public native DropoutShapeStruct keep(float value);
  }

  /** The C struct {@code alexnet_sgd_shape}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_sgd_shape")
  public static class SgdShapeStruct extends Pointer {
    static {
      initialize();
    }

    /** Allocates one struct; the memory is free when nobody has it any more. */
    public SgdShapeStruct() {
      super(memory(sgdShapeBytes(), 1));
    }

    public native @Cast("int64_t") long count();

    public native SgdShapeStruct count(@Cast("int64_t") long value);

    public native float rate_factor();

    public native SgdShapeStruct rate_factor(float value);

    public native float decay();

    public native SgdShapeStruct decay(float value);

    public native int which_rate();

    public native SgdShapeStruct which_rate(int value);
  }

  /** The C struct {@code alexnet_sgd_array}; its fields are documented in {@code alexnet.h}. */
  @Name("alexnet_sgd_array")
  public static class SgdArrayStruct extends Pointer {
    static {
      initialize();
    }

    /**
     * Allocates structs, one after the other.
     *
     * @param count how many; {@code position} selects one
     */
    public SgdArrayStruct(int count) {
      super(memory(sgdArrayBytes(), count));
    }

    @MemberGetter
    public native @ByRef SgdShapeStruct shape();

    public native BufferHandle w();

    public native SgdArrayStruct w(BufferHandle value);

    public native BufferHandle v();

    public native SgdArrayStruct v(BufferHandle value);

    public native BufferHandle g();

    public native SgdArrayStruct g(BufferHandle value);
  }

  /** The C struct {@code alexnet_step_settings}; its fields are documented in {@code shapes.h}. */
  @Name("alexnet_step_settings")
  public static class StepSettingsStruct extends Pointer {
    static {
      initialize();
    }

    /**
     * Casts a pointer.
     *
     * @param pointer the native pointer
     */
    public StepSettingsStruct(Pointer pointer) {
      super(pointer);
    }

    public native @Cast("int64_t") long step();

    public native StepSettingsStruct step(@Cast("int64_t") long value);

    public native float weight_rate();

    public native StepSettingsStruct weight_rate(float value);

    public native float bias_rate();

    public native StepSettingsStruct bias_rate(float value);

    public native float momentum();

    public native StepSettingsStruct momentum(float value);

    public native int slot();

    public native StepSettingsStruct slot(int value);
  }

  public static native int alexnet_abi_version();

  public static native String alexnet_last_error();

  public static native String alexnet_build_info();

  public static native @Cast("int64_t") long alexnet_live_handles();

  public static native int alexnet_device_count(int kind, int[] count);

  public static native int alexnet_device_open(int kind, int index, @ByPtrPtr DeviceHandle device);

  public static native int alexnet_device_close(DeviceHandle device);

  public static native int alexnet_device_describe(
      DeviceHandle device, @Cast("char*") byte[] text, @Cast("int64_t") long textBytes);

  public static native int alexnet_device_memory(
      DeviceHandle device, @Cast("int64_t*") long[] freeBytes, @Cast("int64_t*") long[] totalBytes);

  public static native int alexnet_device_ceilings(
      DeviceHandle device, double[] gflops, double[] gigabytes);

  public static native int alexnet_device_reaches(
      DeviceHandle device, DeviceHandle peer, int[] reaches);

  public static native int alexnet_device_threads(DeviceHandle device, int threads);

  public static native int alexnet_fault(String text);

  public static native int alexnet_delays(@Cast("int64_t") long seed, int longestUs);

  public static native int alexnet_races(int on);

  public static native int alexnet_buffer_touch(BufferHandle buffer, int writes);

  public static native int alexnet_openmp_threads(int threads);

  public static native int alexnet_stream_create(
      DeviceHandle device, @ByPtrPtr StreamHandle stream);

  public static native int alexnet_stream_close(StreamHandle stream);

  public static native int alexnet_stream_synchronize(StreamHandle stream);

  public static native int alexnet_stream_rehearse_begin(StreamHandle stream);

  public static native int alexnet_stream_rehearse_end(
      StreamHandle stream, @Cast("int64_t*") long[] workspaceBytes);

  public static native int alexnet_stream_force_variant(
      StreamHandle stream, String family, String pass, String variant);

  public static native int alexnet_stream_set_precision(StreamHandle stream, int precision);

  public static native int alexnet_stream_set_algorithm(StreamHandle stream, int algorithm);

  public static native int alexnet_stream_pair_begin(StreamHandle first, StreamHandle second);

  public static native int alexnet_stream_pair_end(StreamHandle first, StreamHandle second);

  public static native int alexnet_stream_pair_launches(
      StreamHandle stream, @Cast("int64_t*") long[] launches);

  public static native int alexnet_stream_notes(
      StreamHandle stream, @Cast("char*") byte[] text, @Cast("int64_t") long textBytes);

  public static native int alexnet_stream_wait(StreamHandle stream, EventHandle event);

  public static native int alexnet_event_create(DeviceHandle device, @ByPtrPtr EventHandle event);

  public static native int alexnet_event_close(EventHandle event);

  public static native int alexnet_event_record(EventHandle event, StreamHandle stream);

  public static native int alexnet_event_synchronize(EventHandle event);

  public static native int alexnet_event_elapsed(EventHandle from, EventHandle to, double[] timeUs);

  public static native int alexnet_event_mark(EventHandle event, StreamHandle stream);

  @CriticalRegion
  public static native int alexnet_event_times(
      EventHandle from, @Cast("alexnet_event* const*") long[] events, int count, double[] timesUs);

  public static native int alexnet_arena_create(
      DeviceHandle device, int memory, @Cast("int64_t") long bytes, @ByPtrPtr ArenaHandle arena);

  public static native int alexnet_arena_close(ArenaHandle arena);

  public static native int alexnet_buffer_create(
      ArenaHandle arena,
      @Cast("int64_t") long offsetBytes,
      @Cast("int64_t") long bytes,
      @ByPtrPtr BufferHandle buffer);

  public static native int alexnet_buffer_close(BufferHandle buffer);

  public static native int alexnet_buffer_host(
      BufferHandle buffer, @Cast("void**") @ByPtrPtr Pointer host);

  public static native int alexnet_buffer_address(
      BufferHandle buffer, @Cast("void**") @ByPtrPtr Pointer address);

  public static native int alexnet_stream_native(
      StreamHandle stream, @Cast("void**") @ByPtrPtr Pointer handle);

  public static native int alexnet_copy_in(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long toOffset,
      @Const Pointer host,
      @Cast("int64_t") long bytes);

  /** The same with an array, which must be long enough, in place: nothing is copied twice. */
  @CriticalRegion
  public static native int alexnet_copy_in(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long toOffset,
      @Const float[] host,
      @Cast("int64_t") long bytes);

  /** The same with an array, which must be long enough, in place: nothing is copied twice. */
  @CriticalRegion
  public static native int alexnet_copy_in(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long toOffset,
      @Const int[] host,
      @Cast("int64_t") long bytes);

  public static native int alexnet_copy_out(
      StreamHandle stream,
      Pointer host,
      BufferHandle from,
      @Cast("int64_t") long fromOffset,
      @Cast("int64_t") long bytes);

  /** The same with an array, which must be long enough, in place: nothing is copied twice. */
  @CriticalRegion
  public static native int alexnet_copy_out(
      StreamHandle stream,
      float[] host,
      BufferHandle from,
      @Cast("int64_t") long fromOffset,
      @Cast("int64_t") long bytes);

  public static native int alexnet_copy(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long toOffset,
      BufferHandle from,
      @Cast("int64_t") long fromOffset,
      @Cast("int64_t") long bytes);

  public static native int alexnet_clear(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long first_byte,
      @Cast("int64_t") long bytes);

  public static native int alexnet_fill(
      StreamHandle stream,
      BufferHandle to,
      @Cast("int64_t") long first,
      @Cast("int64_t") long count,
      float value);

  public static native int alexnet_graph_record(
      @Cast("alexnet_stream* const*") long[] streams, int count, @ByPtrPtr GraphHandle graph);

  public static native int alexnet_graph_finish(GraphHandle graph);

  public static native int alexnet_graph_launch(GraphHandle graph);

  public static native int alexnet_graph_close(GraphHandle graph);

  public static native int alexnet_ranks_join(
      int lanes, @Cast("int64_t") long patienceMillis, int[] rank, int[] count);

  public static native int alexnet_ranks_engine(
      @Cast("char*") byte[] text, @Cast("int64_t") long textBytes);

  public static native int alexnet_ranks_allgather(
      int lane,
      @Cast("void*") ByteBuffer memory,
      @Cast("const int64_t*") long[] firstBytes,
      @Cast("const int64_t*") long[] bytes,
      int ranks);

  public static native int alexnet_ranks_alltoall(
      int lane,
      @Cast("const void*") ByteBuffer from,
      @Cast("const int64_t*") long[] sentFirst,
      @Cast("const int64_t*") long[] sentBytes,
      @Cast("void*") ByteBuffer to,
      @Cast("const int64_t*") long[] receivedFirst,
      @Cast("const int64_t*") long[] receivedBytes,
      int ranks);

  public static native int alexnet_ranks_broadcast(
      int lane, @Cast("void*") ByteBuffer memory, @Cast("int64_t") long bytes, int root);

  public static native int alexnet_ranks_barrier(int lane);

  public static native int alexnet_ranks_leave();

  public static native int alexnet_communicator_library(
      @Cast("const char*") String path,
      @Cast("char*") byte[] text,
      @Cast("int64_t") long textBytes);

  public static native int alexnet_communicator_id(
      @Cast("void*") ByteBuffer id, @Cast("int64_t") long idBytes);

  public static native int alexnet_communicator_create(
      DeviceHandle device,
      @Cast("const void*") ByteBuffer id,
      @Cast("int64_t") long idBytes,
      int rank,
      int ranks,
      @Cast("int64_t") long patienceMillis,
      @ByPtrPtr CommunicatorHandle communicator);

  public static native int alexnet_communicator_close(CommunicatorHandle communicator);

  public static native int alexnet_communicator_allgather(
      CommunicatorHandle communicator,
      StreamHandle stream,
      BufferHandle buffer,
      @Cast("const int64_t*") long[] firstBytes,
      @Cast("const int64_t*") long[] bytes,
      int ranks,
      @Cast("int64_t*") long[] ticket);

  public static native int alexnet_communicator_alltoall(
      CommunicatorHandle communicator,
      StreamHandle stream,
      BufferHandle from,
      @Cast("const int64_t*") long[] sentFirst,
      @Cast("const int64_t*") long[] sentBytes,
      BufferHandle to,
      @Cast("const int64_t*") long[] receivedFirst,
      @Cast("const int64_t*") long[] receivedBytes,
      int ranks,
      @Cast("int64_t*") long[] ticket);

  public static native int alexnet_communicator_await(
      CommunicatorHandle communicator, @Cast("int64_t") long ticket, double[] micros);

  public static native int alexnet_communicator_join(
      CommunicatorHandle communicator, @Cast("int64_t") long ticket, StreamHandle stream);

  public static native int alexnet_ranges();

  public static native void alexnet_range_push(@Cast("const char*") BytePointer name);

  public static native void alexnet_range_pop();

  public static native int alexnet_kernel_count(int[] count);

  public static native int alexnet_kernel_describe(
      int index, @Cast("char*") byte[] text, @Cast("int64_t") long textBytes);

  public static native int alexnet_conv_fprop(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle x,
      BufferHandle w,
      BufferHandle bias,
      BufferHandle y,
      BufferHandle sums,
      int accumulate,
      int relu);

  public static native int alexnet_conv_dgrad(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle dy,
      BufferHandle w,
      BufferHandle mask,
      BufferHandle dx);

  public static native int alexnet_conv_wgrad(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dw,
      BufferHandle db);

  public static native int alexnet_local_fprop(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle x,
      BufferHandle w,
      BufferHandle bias,
      BufferHandle y,
      BufferHandle sums,
      int accumulate,
      int relu);

  public static native int alexnet_local_dgrad(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle dy,
      BufferHandle w,
      BufferHandle mask,
      BufferHandle dx);

  public static native int alexnet_local_wgrad(
      StreamHandle stream,
      @Const ConvShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dw,
      BufferHandle db);

  public static native int alexnet_fc_fprop(
      StreamHandle stream,
      @Const FcShapeStruct shape,
      BufferHandle x,
      BufferHandle w,
      BufferHandle bias,
      BufferHandle y,
      BufferHandle sums,
      int accumulate,
      int relu,
      @Const DropoutShapeStruct dropout,
      BufferHandle settings,
      int training);

  public static native int alexnet_fc_dgrad(
      StreamHandle stream,
      @Const FcShapeStruct shape,
      BufferHandle dy,
      BufferHandle w,
      BufferHandle mask,
      BufferHandle dx);

  public static native int alexnet_fc_wgrad(
      StreamHandle stream,
      @Const FcShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dw,
      BufferHandle db);

  public static native int alexnet_fc_wgrad_update(
      StreamHandle stream,
      @Const FcShapeStruct shape,
      @Const SgdShapeStruct sgd,
      BufferHandle settings,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle w,
      BufferHandle v,
      BufferHandle db);

  public static native int alexnet_bias_grad(
      StreamHandle stream, @Cast("int64_t") long rows, int K, BufferHandle dy, BufferHandle db);

  public static native int alexnet_relu_fprop(
      StreamHandle stream, @Cast("int64_t") long count, BufferHandle x, BufferHandle y);

  public static native int alexnet_relu_bprop(
      StreamHandle stream,
      @Cast("int64_t") long count,
      BufferHandle y,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_tanh_fprop(
      StreamHandle stream, @Cast("int64_t") long count, BufferHandle x, BufferHandle y);

  public static native int alexnet_tanh_bprop(
      StreamHandle stream,
      @Cast("int64_t") long count,
      BufferHandle y,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_sigmoid_fprop(
      StreamHandle stream, @Cast("int64_t") long count, BufferHandle x, BufferHandle y);

  public static native int alexnet_sigmoid_bprop(
      StreamHandle stream,
      @Cast("int64_t") long count,
      BufferHandle y,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_lrn_fprop(
      StreamHandle stream, @Const LrnShapeStruct shape, BufferHandle x, BufferHandle y);

  public static native int alexnet_lrn_bprop(
      StreamHandle stream,
      @Const LrnShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_lrn_map_fprop(
      StreamHandle stream, @Const LrnShapeStruct shape, BufferHandle x, BufferHandle y);

  public static native int alexnet_lrn_map_bprop(
      StreamHandle stream,
      @Const LrnShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_channels_copy(
      StreamHandle stream, @Const ChannelsShapeStruct shape, BufferHandle x, BufferHandle y);

  public static native int alexnet_pool_fprop(
      StreamHandle stream, @Const PoolShapeStruct shape, BufferHandle x, BufferHandle y);

  public static native int alexnet_pool_bprop(
      StreamHandle stream,
      @Const PoolShapeStruct shape,
      BufferHandle x,
      BufferHandle y,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_lrn_pool_fprop(
      StreamHandle stream,
      @Const LrnPoolShapeStruct shape,
      BufferHandle x,
      BufferHandle y,
      BufferHandle yPeer);

  public static native int alexnet_lrn_pool_bprop(
      StreamHandle stream,
      @Const LrnPoolShapeStruct shape,
      BufferHandle x,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_dropout_fprop(
      StreamHandle stream,
      @Const DropoutShapeStruct shape,
      BufferHandle settings,
      BufferHandle x,
      BufferHandle y,
      int training);

  public static native int alexnet_dropout_bprop(
      StreamHandle stream,
      @Const DropoutShapeStruct shape,
      BufferHandle settings,
      BufferHandle dy,
      BufferHandle dx);

  public static native int alexnet_softmax_fprop(
      StreamHandle stream,
      @Const SoftmaxShapeStruct shape,
      BufferHandle logits,
      BufferHandle probabilities);

  public static native int alexnet_softmax_metrics(
      StreamHandle stream,
      @Const SoftmaxShapeStruct shape,
      BufferHandle probabilities,
      BufferHandle labels,
      BufferHandle metrics);

  public static native int alexnet_softmax_bprop(
      StreamHandle stream,
      @Const SoftmaxShapeStruct shape,
      BufferHandle probabilities,
      BufferHandle labels,
      float scale,
      BufferHandle dlogits);

  public static native int alexnet_softmax_loss(
      StreamHandle stream,
      @Const SoftmaxShapeStruct shape,
      BufferHandle logits,
      BufferHandle labels,
      float scale,
      BufferHandle probabilities,
      BufferHandle metrics,
      BufferHandle dlogits);

  public static native int alexnet_input_fprop(
      StreamHandle stream,
      @Const InputShapeStruct shape,
      BufferHandle settings,
      BufferHandle images,
      BufferHandle crops,
      BufferHandle mean,
      BufferHandle noise,
      BufferHandle x);

  public static native int alexnet_sgd_update(
      StreamHandle stream, @Const SgdArrayStruct arrays, int count, BufferHandle settings);

  public static native int alexnet_add_parameters(
      StreamHandle stream,
      @Cast("int64_t") long count,
      BufferHandle a,
      BufferHandle b,
      BufferHandle y);

  public static native int alexnet_cast(
      StreamHandle stream, @Cast("int64_t") long count, BufferHandle x, BufferHandle y);

  public static native int alexnet_add(
      StreamHandle stream,
      @Cast("int64_t") long count,
      BufferHandle a,
      BufferHandle b,
      BufferHandle mask,
      BufferHandle y);
}
