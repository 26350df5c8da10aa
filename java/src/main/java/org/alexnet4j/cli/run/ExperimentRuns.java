package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.experiment.ExperimentFiles;
import org.alexnet4j.experiment.ExperimentResult;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.train.CheckpointPolicy;
import org.alexnet4j.train.RunListener;
import org.alexnet4j.train.RunOptions;
import org.alexnet4j.train.TrainingRun;

/**
 * The runs of an experiment, some at a time: seed by seed, so that pairs are whole early. The page
 * is written after each. One that diverges is left out; any other failure ends all. Threads: one
 * caller; each run has a thread of its own.
 */
final class ExperimentRuns {
  private final Console console;
  private final StopRequest stop;
  private final ExperimentSpec spec;
  private final String data;
  private final Path folder;
  private final DeviceOptions devices;
  private final int jobs;
  private final Map<String, Map<Long, Path>> ended = new HashMap<>(); // guarded by this
  private final List<Throwable> failures = new ArrayList<>(); // guarded by this
  private final Map<String, CountDownLatch> over = new HashMap<>(); // by run
  private final BlockingQueue<String> slots;
  private final RunEvaluations evaluations;
  private final ExperimentEnsembles ensembles; // guarded by this
  private volatile boolean halted;

  ExperimentRuns(
      Console console,
      StopRequest stop,
      ExperimentSpec spec,
      String data,
      Path folder,
      DeviceOptions devices,
      int jobs) {
    this.console = console;
    this.stop = stop;
    this.spec = spec;
    this.data = data;
    this.folder = folder;
    this.devices = devices;
    this.jobs = jobs;
    this.slots = new ArrayBlockingQueue<>(jobs);
    this.evaluations = new RunEvaluations(console, stop, spec, devices.loaderThreads(), jobs == 1);
    this.ensembles = new ExperimentEnsembles(console, spec, this::images);
  }

  /** One run of the experiment. */
  private record Job(Variant variant, long seed) {
    String name() {
      return variant.name() + "-" + seed;
    }
  }

  private List<Job> all() {
    List<Job> all = new ArrayList<>();
    for (long seed : spec.seeds()) {
      spec.variants().stream()
          .filter(variant -> variant.seeds().contains(seed))
          .forEach(variant -> all.add(new Job(variant, seed)));
    }
    return all;
  }

  /**
   * Does what is left of the runs.
   *
   * @return the table of all that have ended
   */
  ExperimentResult run() throws IOException {
    List<Job> all = all();
    ensembles.requireImages(evaluations);
    all.forEach(job -> over.put(job.name(), new CountDownLatch(1)));
    slots.addAll(devices.slots(jobs));
    ExecutorService threads =
        Executors.newFixedThreadPool(jobs, task -> new Thread(task, "experiment"));
    List<Future<?>> running = new ArrayList<>();
    stop.attend();
    try {
      all.forEach(job -> running.add(threads.submit(() -> attempt(job, all.indexOf(job) + 1))));
      for (Future<?> one : running) {
        one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.request();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      threads.shutdown();
      stop.leave();
    }
    return write();
  }

  /** Throws what a run has failed with; all others were done. */
  synchronized void throwFailure() throws IOException {
    if (failures.isEmpty()) {
      return;
    }
    Throwable first = failures.get(0);
    failures.subList(1, failures.size()).forEach(first::addSuppressed);
    if (first instanceof IOException e) {
      throw e;
    }
    if (first instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) first;
  }

  private void attempt(Job job, int number) {
    try {
      if (!halted && !stop.isRequested() && awaitSource(job)) {
        run(job, number);
      }
    } catch (Throwable e) { // Whatever it is, the command ends with it.
      halted |= !(e instanceof DivergedException); // the other runs would fail as well
      String end = halted ? ", and the experiment with it" : ": " + Failures.line(e);
      console.message(job.name() + " failed" + end);
      synchronized (this) {
        failures.add(e);
      }
    } finally {
      over.get(job.name()).countDown();
    }
  }

  /** Waits for the run that another starts from; returns whether it has ended well. */
  private boolean awaitSource(Job job) throws InterruptedException {
    if (job.variant.from().isEmpty()) {
      return true;
    }
    String source = job.variant.from().get();
    over.get(source + "-" + job.seed).await();
    synchronized (this) {
      boolean there = ended.getOrDefault(source, Map.of()).containsKey(job.seed);
      if (!there && !stop.isRequested()) {
        console.message(job.name() + " is left out: " + source + "-" + job.seed + " has not ended");
      }
      return there;
    }
  }

  private void run(Job job, int number) throws Exception {
    Path run = folder.resolve(job.name());
    Configuration wanted = started(job);
    String images = images(job.variant);
    boolean resume = requireSame(run, wanted, images, job.seed);
    String place = "[" + number + "/" + over.size() + "] " + job.name();
    boolean done = resume && isDone(run);
    RunEvaluations.Ended there = new RunEvaluations.Ended(job.variant, job.seed, run, images);
    if (done && evaluations.isMade(there)) {
      console.message(place + ": is there");
      end(job, run);
      return;
    }
    console.message(place + (done ? ": is trained" : resume ? ": goes on" : ": begins"));
    String device = slots.take();
    try {
      int towers = wanted.network().towers();
      Devices.Choice choice = devices.choose(device, towers, console);
      boolean trained = done || train(job, wanted, images, choice, run, resume);
      if (trained && evaluations.make(there, choice)) {
        end(job, run);
        console.message(place + ": has ended");
      }
    } finally {
      slots.put(device);
    }
  }

  /** Trains; returns whether to the end. */
  private boolean train(
      Job job, Configuration wanted, String images, Devices.Choice choice, Path run, boolean resume)
      throws IOException {
    RunEvaluations.forget(run);
    RunOptions options =
        new RunOptions(
            wanted,
            images,
            choice,
            job.seed,
            run,
            0,
            resume,
            CheckpointPolicy.DEFAULT,
            ImmutableSet.of(),
            devices.loaderThreads(),
            Optional.empty(),
            ImmutableList.of(),
            true, // what a kill left before the first checkpoint begins again
            OptionalLong.empty(),
            Optional.empty());
    RunListener listener =
        jobs == 1
            ? new ProgressReporter(console, stop, System::nanoTime)
            : new QuietReporter(console, stop, job.name());
    TrainingRun.Outcome outcome;
    try (RunReport report = new RunReport(console, options, listener, jobs == 1)) {
      outcome = TrainingRun.run(options, report);
    }
    console.endLog(); // what follows is not of this run alone
    return !outcome.stopped();
  }

  /** Returns what a variant trains, with the run that it starts from. */
  private Configuration started(Job job) {
    Optional<StartSpec> start =
        job.variant
            .from()
            .map(
                source ->
                    new StartSpec(
                        folder.resolve(source + "-" + job.seed).toString(), job.variant.layers()));
    Configuration configuration = job.variant.configuration();
    return start.isPresent() ? configuration.withStart(start) : configuration;
  }

  private String images(Variant variant) throws IOException {
    int classes = spec.scale().classes();
    if (variant.part().isEmpty()) {
      return classes == 0 ? data : Datasets.firstClasses(data, classes);
    }
    if (classes == 0) {
      int source = variant.configuration().network().sourceSize();
      try (Dataset all = Datasets.open(data, DataOptions.train().withSource(source))) {
        classes = all.classes().size();
      }
    }
    return Datasets.classes(data, variant.part().get().classes(classes));
  }

  /**
   * Refuses a folder in which something else was trained.
   *
   * @return whether there is something to go on with
   */
  private boolean requireSame(Path run, Configuration wanted, String images, long seed)
      throws IOException {
    RunFolder folderOfRun = new RunFolder(run);
    if (!Files.isRegularFile(folderOfRun.config()) || folderOfRun.checkpoints().isEmpty()) {
      return false;
    }
    Configuration there = ConfigReader.written(folderOfRun.config());
    int classes = there.network().classes();
    Configuration fitted = wanted.withNetwork(wanted.network().withClasses(classes));
    List<ConfigDifference> differences = ConfigDifference.between(there, fitted);
    if (!differences.isEmpty()) {
      ConfigDifference first = differences.get(0);
      throw otherRun(run, first.key() + " " + first.first() + ", not " + first.second());
    }
    Optional<JsonObject> last = RunSessions.read(folderOfRun.environment()).last();
    if (last.isPresent() && last.get().get("seed").getAsLong() != seed) {
      throw otherRun(run, "seed " + last.get().get("seed") + ", not " + seed);
    }
    String had = last.map(session -> session.get("data").getAsString()).orElse("");
    if (last.isPresent() && !Datasets.absolute(images).equals(Datasets.absolute(had))) {
      throw otherRun(run, "data " + had + ", not " + images);
    }
    return true;
  }

  private static CommandException otherRun(Path run, String why) {
    return new CommandException(
        ExitCode.USAGE, run + " was trained with " + why + "; name another folder with --into");
  }

  private static boolean isDone(Path run) throws IOException {
    return RunSessions.read(new RunFolder(run).environment())
        .last()
        .map(session -> session.get("how"))
        .filter(how -> !how.isJsonNull() && how.getAsString().equals("done"))
        .isPresent();
  }

  private synchronized void end(Job job, Path run) throws IOException {
    ended.computeIfAbsent(job.variant.name(), name -> new TreeMap<>()).put(job.seed, run);
    write();
  }

  private synchronized ExperimentResult write() throws IOException {
    ExperimentResult result = ExperimentResult.read(spec, data, ended, ensembles.scores(ended));
    Files.createDirectories(folder);
    ExperimentFiles.write(folder, result);
    return result;
  }

  /** Returns a table of the runs with what they will take. */
  String forecast() throws IOException {
    String slot = devices.slots(jobs).get(0);
    return new ExperimentForecast(
                spec, towers -> devices.choose(slot, towers, console), this::images)
            .table(jobs)
        + evaluations.forecast();
  }
}
