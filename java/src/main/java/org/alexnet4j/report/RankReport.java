package org.alexnet4j.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.plan.cost.StepModel;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.alexnet4j.shape.Pieces;

/**
 * What ranks move between them in a step, and what a model says of its time. A move takes the
 * latency for each other rank, then its bytes at the rate of the network; moves of towers share
 * that, and nothing goes on meanwhile. Arithmetic as in {@link StepModel}, each tower on a device
 * of its own.
 *
 * @param plans rank 0's part of the same step for 1, 2, 4, ... ranks
 * @param overImages the undivided step of a rank's images, for as many ranks each
 * @param rates of each device
 * @param towers the connection between the towers of a rank
 * @param network the connection between ranks
 */
public record RankReport(
    ImmutableList<Plan> plans,
    ImmutableList<Plan> overImages,
    DeviceRates rates,
    StepModel.Link towers,
    StepModel.Link network) {

  /** A move of a tower. */
  private record Move(String layer, String kind, String what, long bytes) {}

  private static Optional<Move> move(TowerPlan tower, Operation operation, int rank) {
    if (operation instanceof Operation.Allgather gather) {
      return Optional.of(allgather(tower, gather.layer(), gather.buffer(), gather.pieces(), rank));
    }
    if (operation instanceof Operation.BeginAllgather gather) {
      return Optional.of(allgather(tower, gather.layer(), gather.buffer(), gather.pieces(), rank));
    }
    if (operation instanceof Operation.Alltoall all) {
      return Optional.of(alltoall(tower, all.layer(), all.from(), all.sent(), rank));
    }
    if (operation instanceof Operation.BeginAlltoall all) {
      return Optional.of(alltoall(tower, all.layer(), all.from(), all.sent(), rank));
    }
    return Optional.empty();
  }

  private static Move allgather(
      TowerPlan tower, String layer, int buffer, Pieces pieces, int rank) {
    long bytes = (pieces.ranks() - 1L) * pieces.bytes().get(rank);
    return new Move(layer, "allgather", tower.buffers().get(buffer).name(), bytes);
  }

  private static Move alltoall(TowerPlan tower, String layer, int from, Pieces sent, int rank) {
    String what = from < 0 ? "nothing" : tower.buffers().get(from).name();
    return new Move(layer, "alltoall", what, sent.sum() - sent.bytes().get(rank));
  }

  private static List<Move> moves(Plan plan) {
    List<Move> moves = new ArrayList<>();
    for (TowerPlan tower : plan.towers()) {
      tower.operations().forEach(o -> move(tower, o, plan.part().rank()).ifPresent(moves::add));
    }
    return moves;
  }

  private static long bytes(Plan plan) {
    return moves(plan).stream().mapToLong(Move::bytes).sum();
  }

  /** Returns what a ring moves of the gradients of all parameters: all parallel over images. */
  private static long dataParallelBytes(Plan plan) {
    long ranks = plan.part().ranks();
    return 2 * 4 * plan.parameterCount() * (ranks - 1) / ranks;
  }

  private double seconds(Plan plan) {
    int others = plan.part().ranks() - 1;
    double moved =
        moves(plan).stream()
            .mapToDouble(
                m -> others * network.latencySeconds() + m.bytes / network.bytesPerSecond())
            .sum();
    return StepModel.apart(plan, rates, towers).seconds() + moved;
  }

  /**
   * Returns the time of a step that is parallel over images alone: a rank's images through the
   * whole network, then all gradients once around a ring and their sums once more.
   */
  private double dataParallelSeconds(int index) {
    Plan plan = plans.get(index);
    int others = plan.part().ranks() - 1;
    double moved =
        2 * others * network.latencySeconds() + dataParallelBytes(plan) / network.bytesPerSecond();
    return StepModel.apart(overImages.get(index), rates, towers).seconds() + moved;
  }

  /** Returns tables: the moves of the most ranks, and the model of each number of them. */
  public String text() {
    Plan most = plans.get(plans.size() - 1);
    TextTable table = new TextTable("move", "what", "for", "bytes sent by rank 0");
    for (Move move : moves(most)) {
      table.row(move.kind, move.what, move.layer, Numbers.grouped(move.bytes));
    }
    TextTable model =
        new TextTable(
            "ranks", "sent by each", "step, ms", "images/s", "all over images", "images/s");
    for (int i = 0; i < plans.size(); i++) {
      Plan plan = plans.get(i);
      double seconds = seconds(plan);
      model.row(
          plan.part().ranks(),
          Numbers.mebibytes(bytes(plan)),
          String.format(Locale.ROOT, "%.3f", 1e3 * seconds),
          Numbers.fixed(plan.batch() / seconds, 0),
          Numbers.mebibytes(dataParallelBytes(plan)),
          Numbers.fixed(plan.batch() / dataParallelSeconds(i), 0));
    }
    return table
        + "\n"
        + model
        + "(a model, not a measurement: rates of the options, nothing hidden behind computing; \"all over"
        + " images\": each rank the whole network, all gradients around a ring)\n";
  }

  /** Returns the same content for a program. */
  public Map<String, Object> json() {
    List<Object> all = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      Plan plan = plans.get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("ranks", plan.part().ranks());
      one.put("bytesSent", bytes(plan));
      one.put("bytesOverImages", dataParallelBytes(plan));
      one.put("predictedSeconds", seconds(plan));
      one.put("predictedSecondsOverImages", dataParallelSeconds(i));
      one.put("moves", moves(plan));
      all.add(one);
    }
    return ImmutableMap.of("ranks", all);
  }
}
