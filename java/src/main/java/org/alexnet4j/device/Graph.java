package org.alexnet4j.device;

import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.GraphHandle;

/**
 * What was queued on some streams, recorded once and repeated by one call. Values that an operation
 * was given are part of it; what changes from launch to launch lies in buffers.
 *
 * <p>It keeps its buffers and streams: close it before them.
 *
 * <p>Threads: as its first stream.
 *
 * @hidden
 */
public final class Graph extends NativeObject<GraphHandle> {

  private Graph(List<Stream> streams) {
    super(new GraphHandle());
    long[] handles = streams.stream().mapToLong(stream -> stream.handle().address()).toArray();
    NativeStatus.check(AlexnetAbi.alexnet_graph_record(handles, handles.length, empty()));
  }

  /**
   * Records what some code queues on the streams, which does nothing yet.
   *
   * @param streams of one kind of device; the first one launches the graph
   * @param work queues operations, copies between buffers, fills and events, and waits for no
   *     device
   * @return the graph; the caller closes it
   */
  public static Graph record(List<Stream> streams, Runnable work) {
    Graph graph = new Graph(streams);
    try {
      work.run();
      NativeStatus.check(AlexnetAbi.alexnet_graph_finish(graph.handle()));
      return graph;
    } catch (RuntimeException | Error e) {
      try {
        graph.closeOnceIdle(); // nobody else has it who could close it later
      } catch (RuntimeException atClose) {
        e.addSuppressed(atClose);
      }
      throw e;
    }
  }

  /** Queues all of it on the first stream; the other streams do not wait for it. */
  public void launch() {
    NativeStatus.check(AlexnetAbi.alexnet_graph_launch(handle()));
  }

  @Override
  String what() {
    return "graph";
  }

  /** No launch may be using it. */
  @Override
  int release(GraphHandle given) {
    return AlexnetAbi.alexnet_graph_close(given);
  }
}
