package org.alexnet4j.tower;

/** One operation bound to its buffers; running it allocates nothing. */
interface Instruction {
  void run(PassState state);
}
