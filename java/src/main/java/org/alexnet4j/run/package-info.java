/**
 * API: the files of a training run: its folder, its checkpoints, its sessions, and what they record
 * of where it stood. Who trains writes them; who evaluates or reports reads them.
 *
 * <p>Start reading at {@link org.alexnet4j.run.RunFolder} and {@link org.alexnet4j.run.Checkpoint};
 * {@code docs/runs.md} describes the files.
 */
package org.alexnet4j.run;
