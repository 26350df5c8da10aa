package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.CommunicatorHandle;
import org.alexnet4j.shape.Pieces;

/**
 * One tower on all ranks, each on a GPU of its own, as NVIDIA's NCCL connects them: moves bytes
 * between their buffers, one move after the other, in the order in which they are begun, which is
 * the same on all ranks.
 *
 * <p>Threads: moves are begun and joined by the stream's thread, and awaited by any.
 *
 * @hidden
 */
public final class Communicator extends NativeObject<CommunicatorHandle> {
  private static final int ID_BYTES = 128;

  private final Device device;

  /**
   * Joins the same tower of the other ranks; returns when all are here.
   *
   * @param device computes this rank's tower
   * @param id that one of them has made
   * @param rank this one, from 0
   * @param ranks how many there are
   * @param patience how long this, and each move, may wait for other ranks
   * @throws NativeException if NCCL fails, or somebody does not come
   */
  public Communicator(Device device, byte[] id, int rank, int ranks, Duration patience) {
    super(new CommunicatorHandle());
    this.device = device;
    ByteBuffer bytes = ByteBuffer.allocateDirect(id.length).put(id).flip();
    NativeStatus.check(
        AlexnetAbi.alexnet_communicator_create(
            device.handle(), bytes, id.length, rank, ranks, patience.toMillis(), empty()));
  }

  /**
   * Opens NCCL, once in a process.
   *
   * @param file its library; empty for the one that {@code ALEXNET_NCCL} names or the system has
   * @return its name and version
   * @throws NativeException if there is none; the text says what to install
   */
  public static String library(String file) {
    byte[] text = new byte[NativeText.BYTES];
    NativeStatus.check(AlexnetAbi.alexnet_communicator_library(file, text, text.length));
    return NativeText.of(text);
  }

  /** {@return what a new communicator is known by, for all of its ranks} */
  public static byte[] newId() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(ID_BYTES);
    NativeStatus.check(AlexnetAbi.alexnet_communicator_id(bytes, ID_BYTES));
    byte[] id = new byte[ID_BYTES];
    bytes.get(id);
    return id;
  }

  private static long[] firsts(Pieces pieces) {
    return pieces.firstBytes().stream().mapToLong(l -> l).toArray();
  }

  private static long[] lengths(Pieces pieces) {
    return pieces.bytes().stream().mapToLong(l -> l).toArray();
  }

  /**
   * Begins to give every rank the pieces of all, of which its own lies in place.
   *
   * @param behind makes what is sent
   * @param buffer sends and receives
   * @param pieces where each rank's lies
   * @return a ticket for {@link #await} and {@link #join}
   */
  public long allgather(Stream behind, Buffer buffer, Pieces pieces) {
    long[] ticket = new long[1];
    NativeStatus.check(
        AlexnetAbi.alexnet_communicator_allgather(
            handle(),
            behind.handle(),
            buffer.handle(),
            firsts(pieces),
            lengths(pieces),
            pieces.ranks(),
            ticket));
    return ticket[0];
  }

  /**
   * Begins to give every rank a piece of every rank's buffer, likewise.
   *
   * @param behind makes what is sent
   * @param from what is sent
   * @param sent where what each rank gets lies
   * @param to another buffer, which receives
   * @param received where what each rank gave lies
   * @return a ticket for {@link #await} and {@link #join}
   */
  public long alltoall(Stream behind, Buffer from, Pieces sent, Buffer to, Pieces received) {
    long[] ticket = new long[1];
    NativeStatus.check(
        AlexnetAbi.alexnet_communicator_alltoall(
            handle(),
            behind.handle(),
            from.handle(),
            firsts(sent),
            lengths(sent),
            to.handle(),
            firsts(received),
            lengths(received),
            sent.ranks(),
            ticket));
    return ticket[0];
  }

  /**
   * Returns when a move is complete on this rank.
   *
   * @param ticket of a move
   * @return how long it took, from when what is sent was there
   * @throws NativeException if NCCL fails, or other ranks do not come
   */
  public Duration await(long ticket) {
    double[] micros = new double[1];
    NativeStatus.check(AlexnetAbi.alexnet_communicator_await(handle(), ticket, micros));
    return Duration.ofNanos(Math.round(micros[0] * 1e3));
  }

  /**
   * Lets a stream read what a move has brought that somebody awaited; once for each.
   *
   * @param ticket of a move
   * @param stream reads next
   */
  public void join(long ticket, Stream stream) {
    NativeStatus.check(AlexnetAbi.alexnet_communicator_join(handle(), ticket, stream.handle()));
  }

  @Override
  String what() {
    return "communicator of " + device;
  }

  @Override
  int release(CommunicatorHandle given) {
    return AlexnetAbi.alexnet_communicator_close(given);
  }
}
