//! A training that is put down and taken up again against one that is left alone.

use super::*;
use crate::data::{Augment, Flip};
use crate::learn::{Checkpoint, Wish};

/// Stops a training after some steps, or lets it go on from a checkpoint to its end.
struct Interrupter {
    steps_left: Mutex<usize>,
    checkpoint: Mutex<Option<Checkpoint>>,
}

impl Interrupter {
    fn after(steps: usize, checkpoint: Option<Checkpoint>) -> Self {
        Self { steps_left: Mutex::new(steps), checkpoint: Mutex::new(checkpoint) }
    }
}

impl Watch for Interrupter {
    fn progress(&self, _: Progress) -> bool {
        true
    }

    fn wish(&self) -> Wish {
        let mut left = self.steps_left.lock().expect("no watcher panics");
        *left -= 1;
        if *left == 0 { Wish::Stop } else { Wish::GoOn }
    }

    fn keep(&self, checkpoint: Checkpoint) {
        *self.checkpoint.lock().expect("no watcher panics") = Some(checkpoint);
    }

    fn resume(&self) -> Option<Checkpoint> {
        self.checkpoint.lock().expect("no watcher panics").take()
    }
}

/// What a training comes to that is stopped every `steps` steps, and how often it was.
fn interrupted(parts: &Parts<'_>, net: &NetSpec, train: &TrainSpec, steps: usize) -> (Fit, usize) {
    let mut checkpoint = None;
    for stops in 0.. {
        let watch = Interrupter::after(steps, checkpoint);
        // Another number of threads each time: as on another machine.
        let team = Team::new(1 + stops % 3, Simd::active());
        let fit = training::train(net, train, parts, 7, &team, &watch);
        checkpoint = watch.checkpoint.into_inner().expect("no watcher panics");
        match fit {
            Some(fit) => return (fit, stops),
            None => assert!(checkpoint.is_some(), "who stops leaves a checkpoint"),
        }
    }
    unreachable!("a training ends")
}

/// Three steps an epoch: stops fall within epochs, at their ends, and in the last one.
fn check(net: &NetSpec, train: &TrainSpec, augment: Option<Augment>) -> Fit {
    let set = Set { image: Some([5, 8, 1]), ..Set::classes(normal(150, 40, 5), 5, |r| (r % 5) as u32) };
    let parts = Parts {
        train: set.part(0..110).with_augment(augment),
        valid: Some(set.part(110..130)),
        test: set.part(130..150),
    };
    let team = Team::new(1, Simd::active());
    let whole = training::train(net, train, &parts, 7, &team, &Unwatched).expect("nobody stops it");
    let steps = whole.steps as usize;
    for every in [1, 2, 3, 5, steps - 1] {
        let (fit, stops) = interrupted(&parts, net, train, every);
        assert!(stops >= steps / every - 1 && stops > 0, "{stops} stops in {steps} steps, one every {every}");
        assert_eq!(digest_of(&fit, &set), digest_of(&whole, &set), "stopped every {every} steps");
        assert_eq!(
            (fit.outcome, fit.parameters, fit.steps, fit.epochs, fit.flops),
            (whole.outcome, whole.parameters, whole.steps, whole.epochs, whole.flops)
        );
        assert_eq!(fit.history, whole.history);
    }
    whole
}

#[test]
fn a_perceptron_goes_on_to_the_same_bits() {
    let mlp = MlpSpec { hidden: vec![40, 33], dropout: 0.2, ..MlpSpec::default() };
    let schedule = Schedule::WarmupCosine { epochs: 2, floor: 0.1 };
    let early_stop = Some(EarlyStop { patience: 2, min_delta: 0.0 });
    let train =
        TrainSpec { lr: 0.02, batch: 37, epochs: 30, schedule, early_stop, eval_every: 4, ..TrainSpec::default() };
    let fit = check(&mlp.into(), &train, None);
    assert!((3..30).contains(&fit.epochs), "{} epochs: early stopping has its say", fit.epochs);
}

#[test]
fn batch_normalisation_goes_on_to_the_same_bits() {
    let layers = vec![
        CnnLayer::Conv { filters: 6, kernel: 3, stride: 1, padding: Padding::Same },
        CnnLayer::Pool { by: Pooling::Max, size: 2, stride: 2 },
        CnnLayer::Dropout(0.1),
        CnnLayer::Dense(20),
    ];
    let cnn = CnnSpec { layers, norm: Some(Norm::Batch), ..CnnSpec::default() };
    let optimizer = Optimizer::Sgd { momentum: 0.9, nesterov: true };
    let train = TrainSpec { optimizer, lr: 0.02, batch: 37, epochs: 4, clip: Some(1.0), ..TrainSpec::default() };
    let net = cnn.into();
    let augment = Augment { shift: 2, flip: Some(Flip::Horizontal) };
    let (plain, augmented) = (check(&net, &train, None), check(&net, &train, Some(augment)));
    assert_ne!(plain.history, augmented.history);
}

#[test]
fn a_recurrent_net_goes_on_to_the_same_bits() {
    let lstm = RecurrentSpec { hidden: vec![20, 9], dropout: 0.2, ..RecurrentSpec::default() };
    let train = TrainSpec { lr: 0.02, batch: 37, epochs: 3, clip: Some(0.5), ..TrainSpec::default() };
    check(&lstm.into(), &train, None);
}

#[test]
fn a_checkpoint_of_another_net_is_not_taken_up() {
    let set = rings(60);
    let train = TrainSpec { epochs: 2, batch: 20, ..TrainSpec::default() };
    let fit = |hidden, checkpoint| {
        let watch = Interrupter::after(1000, checkpoint);
        let net = MlpSpec { hidden: vec![hidden], ..MlpSpec::default() }.into();
        digest_of(&super::super::train(&net, &train, &set.parts(), 1, 1, &watch).expect("nobody stops it"), &set)
    };
    let stopped = Interrupter::after(2, None);
    let net = MlpSpec { hidden: vec![8], ..MlpSpec::default() }.into();
    assert!(super::super::train(&net, &train, &set.parts(), 1, 1, &stopped).is_none());
    let checkpoint = stopped.resume().expect("who stops leaves a checkpoint");
    assert_eq!(checkpoint.epoch, 1);
    assert_eq!(fit(9, Some(checkpoint.clone())), fit(9, None));
    let cut = Checkpoint { state: checkpoint.state[..checkpoint.state.len() / 2].to_vec(), ..checkpoint };
    assert_eq!(fit(8, Some(cut)), fit(8, None));
}
