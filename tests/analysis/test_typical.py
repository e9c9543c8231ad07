"""Typical futures: each is one of them, and none is drawn."""

import numpy as np

from kla_sim.analysis.typical import medoids


def test_the_middle_of_each_of_two_groups_stands_for_it():
    found = medoids(np.array([[0.0], [1.0], [2.0], [50.0], [51.0], [52.0], [53.0]]), 2)
    assert (found.places.tolist(), found.sizes.tolist()) == ([4, 1], [4, 3])


def test_a_first_choice_that_others_make_worse_is_exchanged():
    # built up greedily the middle is chosen first; without it both ends are better served
    entries = np.array([[0.0], [0.0], [4.0], [4.0], [5.0], [10.0], [10.0]])
    found = medoids(entries, 2)
    distance = np.abs(entries - entries[found.places].T).min(axis=1).sum()
    best = min(
        np.abs(entries - entries[[a, b]].T).min(axis=1).sum() for a in range(7) for b in range(a)
    )
    assert distance == best


def test_no_more_are_told_than_differ():
    found = medoids(np.array([[3.0], [3.0], [3.0], [9.0]]), 5)
    assert (found.places.tolist(), found.sizes.tolist()) == ([0, 3], [3, 1])
    assert medoids(np.zeros((0, 2)), 5).places.tolist() == []
