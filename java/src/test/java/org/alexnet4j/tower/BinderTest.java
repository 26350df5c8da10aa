package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.common.base.CaseFormat;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an operation alone asks of an engine: one call of its name, as in a step with labels. */
final class BinderTest {
  private record Call(String name, Object[] arguments) {}

  private final List<Call> calls = new ArrayList<>();
  private final Engine engine =
      (Engine)
          Proxy.newProxyInstance(
              Engine.class.getClassLoader(),
              new Class<?>[] {Engine.class},
              (proxy, method, arguments) -> {
                calls.add(new Call(method.getName(), arguments));
                return null;
              });

  @ParameterizedTest
  @EnumSource(
      value = Purpose.class,
      names = {"TRAIN", "INSPECT"})
  void eachOperationIsOneCallOfAStep(Purpose purpose) {
    TowerPlan plan =
        Planner.plan(SmallNetwork.small(2), 2, purpose, Mean.CHANNEL, 1).towers().get(0);
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Arena arena = device.newArena(Arena.Memory.DEVICE, 64);
        Buffer buffer = arena.buffer(0, 64)) {
      Buffer[] buffers = new Buffer[plan.buffers().size()];
      Arrays.fill(buffers, buffer);
      plan.operations().forEach(operation -> bind(operation, buffer, buffers));
    }
  }

  private void bind(Operation operation, Buffer settings, Buffer[] buffers) {
    if (operation instanceof Operation.Send || operation instanceof Operation.Receive) {
      assertThrows(
          IllegalArgumentException.class,
          () -> Binder.ofStep(operation, engine, null, settings, buffers));
      return;
    }
    calls.clear();
    Binder.ofStep(operation, engine, null, settings, buffers).run();
    String kind = operation.getClass().getSimpleName();
    String name =
        kind.equals("Input")
            ? "inputFprop"
            : CaseFormat.UPPER_CAMEL.to(CaseFormat.LOWER_CAMEL, kind);
    assertEquals(List.of(name), calls.stream().map(Call::name).toList());
    Object[] arguments = calls.get(0).arguments();
    Object last = arguments[arguments.length - 1];
    switch (name) {
      case "fcFprop", "dropoutFprop" -> assertEquals(true, last, name + " trains");
      case "softmaxLoss" -> assertNotNull(last, "there is a gradient");
      default -> {}
    }
  }
}
