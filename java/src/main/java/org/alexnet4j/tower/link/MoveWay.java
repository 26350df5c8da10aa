package org.alexnet4j.tower.link;

/** How one move between ranks is made. Threads: begun and ended by the tower's. */
interface MoveWay extends AutoCloseable {
  /** Comes behind what the tower's stream has queued. */
  void begin();

  /**
   * Returns when this rank has sent and received all; the one part that another thread may do.
   *
   * @return nanoseconds that the move took, from when what is sent was there
   */
  long move();

  /** Lets the stream read what was received. */
  void end();

  @Override
  void close();
}
