package org.alexnet4j.misuse;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepMode;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/** Towers that are closed, in use or in the wrong order, each with the answer that it must get. */
final class MisusedTowers extends MisuseAnswers {
  private static final StepSettings STEP = new StepSettings(1, 0.01f, 0.01f, 0.9f);

  MisusedTowers(Path folder) {
    super(folder);
  }

  @Override
  void cases() throws Exception {
    closedTowers();
    busyTowers();
    order();
  }

  private void closedTowers() {
    Towers towers = MisuseTowers.ready(Purpose.TRAIN);
    ParameterStore store = new ParameterStore(towers);
    ParameterSnapshot snapshot = new ParameterSnapshot(towers);
    snapshot.take();
    MisuseTowers.load(towers);
    towers.step(STEP);
    towers.close();
    towers.close();
    require("no handle after towers", Devices.liveHandles() == 0);
    String closed = "the towers are closed";
    TensorSpec tensor = store.tensors().get(0);
    expect("evaluate", STATE, closed, towers::evaluate);
    expect("step", STATE, closed, () -> towers.step(STEP));
    expect("load", STATE, closed, () -> MisuseTowers.load(towers));
    expect("mean", STATE, closed, () -> towers.mean(new float[3]));
    expect("probabilities", STATE, closed, towers::probabilities);
    expect("read", STATE, closed, () -> towers.read(0, "relu1"));
    expect("time", STATE, closed, () -> towers.time(true));
    expect("takeExchange", STATE, closed, towers::takeExchange);
    expect("store.write", STATE, closed, () -> MisuseTowers.write(store, tensor, Role.VALUE));
    expect("store.read", STATE, closed, () -> store.read(tensor, Role.VALUE, (f, n, v) -> {}));
    expect("snapshot.take", STATE, closed, snapshot::take);
    List<Integer> rows = new ArrayList<>();
    try {
      snapshot.read(tensor, Role.VALUE, (first, n, values) -> rows.add(n));
    } catch (IOException e) {
      rows.clear();
    }
    require("a snapshot is there after the towers", !rows.isEmpty());
  }

  private void busyTowers() throws Exception {
    Towers towers = MisuseTowers.ready(Purpose.TRAIN);
    ParameterStore store = new ParameterStore(towers);
    TensorSpec tensor = store.tensors().get(0);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Thread reader =
        new Thread(
            () -> {
              try {
                store.read(
                    tensor,
                    Role.VALUE,
                    (first, rows, values) -> {
                      inside.countDown();
                      Uninterruptibles.awaitUninterruptibly(go);
                    });
              } catch (Exception e) {
                require("the reader: " + e, false);
              }
            },
            "the-reader");
    reader.start();
    Uninterruptibles.awaitUninterruptibly(inside);
    String busy = "read conv1.weight is running in thread the-reader";
    expect("step while another thread is inside", STATE, busy, () -> towers.step(STEP));
    expect("load while another thread is inside", STATE, busy, () -> MisuseTowers.load(towers));
    expect(
        "close inside a call",
        STATE,
        "running in thread main",
        () -> {
          Towers others = MisuseTowers.ready(Purpose.INFER);
          try {
            ParameterStore inner = new ParameterStore(others);
            inner.read(inner.tensors().get(0), Role.VALUE, (f, n, v) -> others.close());
          } finally {
            others.close();
          }
        });
    Thread closer = new Thread(towers::close, "the-closer");
    closer.start();
    closer.join(200);
    require("close waits for the call that is running", closer.isAlive());
    go.countDown();
    closer.join(TimeUnit.SECONDS.toMillis(10));
    reader.join();
    require("and then closes", !closer.isAlive() && Devices.liveHandles() == 0);
  }

  private void order() {
    try (Towers towers = MisuseTowers.open(2, Purpose.TRAIN, "cpu", StepMode.WALK)) {
      ParameterStore store = new ParameterStore(towers);
      expect("step at once", STATE, "step: no batch is loaded", () -> towers.step(STEP));
      expect("evaluate at once", STATE, "evaluate: no batch", towers::evaluate);
      expect("probabilities at once", STATE, "no pass has run", towers::probabilities);
      expect("timeline at once", STATE, "not measured", towers::timeline);
      MisuseTowers.load(towers);
      expect("step without mean", STATE, "the mean", () -> towers.step(STEP));
      towers.mean(new float[3]);
      expect(
          "step without parameters",
          STATE,
          "parameters were not written: conv1.weight, conv1.bias",
          () -> towers.step(STEP));
      expect("evaluate without parameters", STATE, "were not written", towers::evaluate);
      store.tensors().forEach(tensor -> MisuseTowers.write(store, tensor, Role.VALUE));
      towers.evaluate();
      expect("step without velocities", STATE, "velocities were not", () -> towers.step(STEP));
      store.tensors().forEach(tensor -> MisuseTowers.write(store, tensor, Role.VELOCITY));
      expect(
          "inspect", STATE, "the plan is for TRAIN, not INSPECT", () -> towers.inspect(STEP, true));
      ByteBuffer pixels = ByteBuffer.allocate(2 * MisuseTowers.IMAGE_BYTES);
      towers.load(2, pixels, new int[6], null, null);
      expect("step without labels", STATE, "without labels", () -> towers.step(STEP));
      towers.load(1, pixels, new int[3], null, new int[1]);
      towers.step(STEP); // a short batch is one
      MisuseTowers.load(towers);
      towers.step(STEP);
      expect(
          "a source that fails",
          IOException.class,
          "as asked",
          () ->
              store.write(
                  store.tensors().get(0),
                  Role.VALUE,
                  (first, rows, values) -> {
                    throw new IOException("as asked");
                  }));
      expect("step after that", STATE, "not written: conv1.weight", () -> towers.step(STEP));
      for (Role role : new Role[] {Role.VALUE, Role.VELOCITY}) {
        expect(
            "a value that is no number",
            ARGUMENT,
            "tensor conv1.weight, output 1, value 2 is NaN; allowed: finite numbers",
            () ->
                store.write(
                    store.tensors().get(0), role, (first, rows, values) -> values[29] = Float.NaN));
      }
    }
  }
}
