package org.alexnet4j.device;

import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.GraphHandle;
import org.alexnet4j.bindings.AlexnetAbi.StreamHandle;
import org.bytedeco.javacpp.PointerPointer;

/**
 * What was queued on some streams, recorded once and repeated by one call. Values that an operation
 * was given are part of it; what changes from launch to launch lies in buffers.
 *
 * <p>It keeps its buffers and streams: close it before them.
 *
 * <p>Threads: as its first stream.
 */
public final class Graph implements AutoCloseable {
  private final GraphHandle handle = new GraphHandle();
  private boolean closed;

  private Graph() {}

  /**
   * Records what some code queues on the streams, which does nothing yet.
   *
   * @param streams of one kind of device; the first one launches the graph
   * @param work queues operations, copies between buffers, fills and events, and waits for no
   *     device
   */
  public static Graph record(List<Stream> streams, Runnable work) {
    Graph graph = new Graph();
    try (PointerPointer<StreamHandle> handles = new PointerPointer<>(streams.size())) {
      for (int i = 0; i < streams.size(); i++) {
        handles.put(i, streams.get(i).handle());
      }
      NativeStatus.check(AlexnetAbi.alexnet_graph_record(handles, streams.size(), graph.handle));
    }
    try {
      work.run();
      NativeStatus.check(AlexnetAbi.alexnet_graph_finish(graph.handle));
      return graph;
    } catch (RuntimeException | Error e) {
      graph.close();
      throw e;
    }
  }

  /** Queues all of it on the first stream; the other streams do not wait for it. */
  public void launch() {
    NativeStatus.check(AlexnetAbi.alexnet_graph_launch(handle));
  }

  /** Closes the graph, which no launch may be using; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      NativeStatus.check(AlexnetAbi.alexnet_graph_close(handle));
    }
  }
}
