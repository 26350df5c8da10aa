package org.alexnet4j.tower.link;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Communicator;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.Stream;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Pieces;
import org.alexnet4j.text.Host;
import org.alexnet4j.tower.link.RankWayChoice.Card;

/**
 * What connects the towers of this process with the same towers of other ranks: communicators of
 * NCCL, one for each tower, or nothing but the ranks themselves, by way of the host.
 *
 * <p>Threads: opened and closed by the coordinator; each tower prepares its moves.
 */
public final class RankLinks implements AutoCloseable {
  private final Ranks ranks;
  private final Optional<String> note;
  private final List<Communicator> communicators = new ArrayList<>(); // by tower, or none

  private RankLinks(Ranks ranks, Optional<String> note) {
    this.ranks = ranks;
    this.note = note;
  }

  /**
   * Chooses a way and connects, with all other ranks together.
   *
   * @param devices of the towers
   * @param patience how long a move may wait for other ranks
   * @throws IllegalArgumentException if a way is wanted that is not there
   */
  public static RankLinks open(Ranks ranks, List<Device> devices, Duration patience) {
    Gson gson = new Gson();
    List<Card> cards =
        RankTexts.gather(ranks, Ranks.CONTROL, gson.toJson(card(ranks.way(), devices))).stream()
            .map(text -> gson.fromJson(text, Card.class))
            .toList();
    RankWayChoice choice = RankWayChoice.of(cards);
    RankLinks links = new RankLinks(ranks, choice.note());
    try {
      for (Device device : choice.byNccl() ? devices : List.<Device>of()) {
        byte[] id =
            RankTexts.ofFirst(
                ranks, Ranks.CONTROL, ranks.rank() == 0 ? Communicator.newId() : null);
        links.communicators.add(
            new Communicator(device, id, ranks.rank(), ranks.count(), patience));
      }
      return links;
    } catch (RuntimeException | Error e) {
      links.closeAfter(e);
      throw e;
    }
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /** NCCL is looked for only where it may be needed. */
  private static Card card(RankWay wanted, List<Device> devices) {
    List<String> gpus = devices.stream().map(RankLinks::gpu).toList();
    String library = "";
    String missing = "NCCL was not looked for";
    if (wanted == RankWay.NCCL || !gpus.contains("")) {
      try {
        library = Communicator.library("");
      } catch (NativeException e) {
        missing = e.getMessage();
      }
    }
    List<String> names = devices.stream().map(device -> device.id().toString()).toList();
    return new Card(wanted, Host.name(), names, gpus, library, missing);
  }

  /** Returns which GPU of its machine a device is; empty for others. */
  private static String gpu(Device device) {
    if (device.id().kind() != DeviceKind.CUDA) {
      return "";
    }
    JsonObject described = JsonParser.parseString(device.describe()).getAsJsonObject();
    JsonElement place = described.get("pci");
    return place == null ? device.id().toString() : place.getAsString();
  }

  /** Returns a line for a person, where there was something to choose. */
  public Optional<String> note() {
    return note;
  }

  /**
   * Prepares the move of a tower that gives every rank the pieces of all.
   *
   * @param beside whether the tower goes on beside it
   */
  public RankMove allgather(
      int tower, boolean beside, Stream stream, Buffer buffer, Pieces pieces) {
    int lane = beside ? Ranks.besideLane(tower) : Ranks.lane(tower);
    return communicators.isEmpty()
        ? RankMove.allgather(ranks, lane, stream, buffer, pieces)
        : RankMove.allgather(communicators.get(tower), ranks.rank(), stream, buffer, pieces);
  }

  /**
   * Prepares the move of a tower that gives every rank a piece of every rank's buffer.
   *
   * @param beside whether the tower goes on beside it
   */
  public RankMove alltoall(
      int tower,
      boolean beside,
      Stream stream,
      Buffer from,
      Pieces sent,
      Buffer to,
      Pieces received) {
    int lane = beside ? Ranks.besideLane(tower) : Ranks.lane(tower);
    return communicators.isEmpty()
        ? RankMove.alltoall(ranks, lane, stream, from, sent, to, received)
        : RankMove.alltoall(
            communicators.get(tower), ranks.rank(), stream, from, sent, to, received);
  }

  @Override
  public void close() {
    RuntimeException first = null;
    for (Communicator one : communicators) {
      try {
        one.close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
