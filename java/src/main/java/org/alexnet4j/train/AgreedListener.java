package org.alexnet4j.train;

import java.nio.file.Path;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.tower.StepResult;

/**
 * Lets ranks end and save together: what one of them was asked for, all do. All ask at the same
 * places of the run.
 */
final class AgreedListener implements RunListener {
  private final Ranks ranks;
  private final RunListener own;

  AgreedListener(Ranks ranks, RunListener own) {
    this.ranks = ranks;
    this.own = own;
  }

  @Override
  public boolean saveRequested() {
    return RankTexts.any(ranks, Ranks.CONTROL, own.saveRequested());
  }

  @Override
  public boolean stopRequested() {
    return RankTexts.any(ranks, Ranks.CONTROL, own.stopRequested());
  }

  @Override
  public void opened(Path run) {
    own.opened(run);
  }

  @Override
  public void discarded(Path run) {
    own.discarded(run);
  }

  @Override
  public void started(Plan plan, int trainImages, int testImages, long done, long steps) {
    own.started(plan, trainImages, testImages, done, steps);
  }

  @Override
  public void step(
      long step, int epoch, StepResult result, float rate, double speed, double loaderShare) {
    own.step(step, epoch, result, rate, speed, loaderShare);
  }

  @Override
  public void evaluated(long step, int epoch, StepResult result) {
    own.evaluated(step, epoch, result);
  }

  @Override
  public void saved(Path checkpoint) {
    own.saved(checkpoint);
  }

  @Override
  public void note(String line) {
    own.note(line);
  }

  @Override
  public Dataset watched(Dataset images, String what, int total) {
    return own.watched(images, what, total);
  }
}
