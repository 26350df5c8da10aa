package org.alexnet4j.plan;

/** What a plan is for; decides which buffers exist and which may share memory. */
public enum Purpose {
  /** Forward, backward and update; also evaluation between steps. */
  TRAIN,
  /** Forward only; buffers are shared as soon as their content is dead. */
  INFER,
  /** Forward and backward without update; nothing is shared or fused, so all can be read. */
  INSPECT
}
