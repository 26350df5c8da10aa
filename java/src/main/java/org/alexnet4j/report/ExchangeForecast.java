package org.alexnet4j.report;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.plan.cost.StepModel;
import org.alexnet4j.plan.cost.StepModel.Link;
import org.alexnet4j.plan.cost.Work.DeviceRates;

/**
 * What the exchange between towers costs on given devices, beside both towers on one device and
 * beside the paper's network for one GPU.
 *
 * @param plan the network with its towers
 * @param oneGpu the network that needs no exchange, for the same batch
 * @param rates of each device
 * @param link between two devices
 */
public record ExchangeForecast(Plan plan, Plan oneGpu, DeviceRates rates, Link link) {

  /** Returns the tables as text. */
  public String text() {
    StepModel apart = StepModel.apart(plan, rates, link);
    TextTable times =
        new TextTable(
            String.format(Locale.ROOT, "predicted step of %d images", plan.batch()),
            "ms",
            "images/s");
    row(times, plan.spec().name() + ", a device per tower", apart.seconds(), plan);
    row(times, "  the same, planes arrive at once", unlinked().seconds(), plan);
    row(times, "  the same, all towers on one device", StepModel.together(plan, rates), plan);
    row(times, oneGpu.spec().name() + ", one device", StepModel.together(oneGpu, rates), oneGpu);
    return String.format(
        Locale.ROOT,
        "%s%n%s%nThe exchange costs %s of the step. %s%n",
        times,
        transfers(apart),
        Numbers.percent(1 - unlinked().seconds() / apart.seconds()),
        "Model: every device at the rates given, no launch times, images in memory.");
  }

  /** Returns the same content for a program; times in seconds. */
  public Map<String, Object> json() {
    StepModel apart = StepModel.apart(plan, rates, link);
    return ImmutableMap.of(
        "batch", plan.batch(),
        "apart", apart,
        "apartWithoutLink", unlinked().seconds(),
        "together", StepModel.together(plan, rates),
        "oneGpuNetwork", StepModel.together(oneGpu, rates),
        "transfers", plan.exchange().transfers());
  }

  private StepModel unlinked() {
    return StepModel.apart(plan, rates, Link.NONE);
  }

  private static void row(TextTable table, String name, double seconds, Plan plan) {
    table.row(name, Numbers.fixed(1e3 * seconds, 3), Numbers.fixed(plan.batch() / seconds, 0));
  }

  private String transfers(StepModel model) {
    TextTable table = new TextTable("exchange", "plane", "for", "from", "to", "bytes", "us");
    for (Transfer transfer : plan.exchange().transfers()) {
      table.row(
          transfer.direction().name().toLowerCase(Locale.ROOT),
          transfer.plane(),
          transfer.layer(),
          NetworkSpec.towerName(transfer.from()),
          NetworkSpec.towerName(transfer.to()),
          Numbers.grouped(transfer.bytes()),
          Numbers.fixed(1e6 * model.transferSeconds().get(transfer.id()), 1));
    }
    return table.toString();
  }
}
