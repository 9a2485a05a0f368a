//! The order of a key with many judgements, as a graph: its size grows with the judgements, not with their pairs.

use super::ancestry::Ancestry;
use super::order::Key;

/// A graph whose paths are the order. Its first nodes are classes of judgements that the order cannot tell apart;
/// then follows one node for each time, which leads to the classes of that time and to the next time.
pub(super) struct Graph {
    /// For each judgement, its class.
    pub(super) class_of: Vec<u32>,
    /// For each node, the nodes after it.
    next: Vec<Vec<u32>>,
}

impl Graph {
    pub(super) fn new(key: &Key, ancestry: &Ancestry) -> Self {
        let (class_of, classes) = key.classes();
        let time = |class: u32| key.time(classes[class as usize] as usize);
        let count = classes.len() as u32;
        let mut graph = Self { class_of, next: vec![Vec::new(); classes.len()] };
        let mut compare = |a: u32, b: u32| {
            for (from, to) in [(a, b), (b, a)] {
                if key.directly_before(
                    ancestry,
                    classes[from as usize] as usize,
                    classes[to as usize] as usize,
                ) {
                    graph.next[from as usize].push(to);
                }
            }
        };
        // Untimed classes come first and are compared with all; timed ones with those of the same time.
        for a in 0..count {
            let comparable = |b: &u32| time(a).is_none() || time(*b) == time(a);
            (a + 1..count).take_while(comparable).for_each(|b| compare(a, b));
        }
        let timed: Vec<u32> = (0..count).filter(|class| time(*class).is_some()).collect();
        for (index, group) in timed.chunk_by(|a, b| time(*a) == time(*b)).enumerate() {
            let node = graph.next.len() as u32;
            if index > 0 {
                graph.next[node as usize - 1].push(node);
            }
            graph.next.push(group.to_vec());
            let later = group.last().is_some_and(|last| Some(last) != timed.last());
            group.iter().filter(|_| later).for_each(|class| graph.next[*class as usize].push(node + 1));
        }
        graph
    }

    /// Returns, by node, what can be reached from judgement `from`.
    pub(super) fn reached(&self, from: usize) -> Vec<bool> {
        let mut reached = vec![false; self.next.len()];
        let mut waiting = vec![self.class_of[from]];
        while let Some(node) = waiting.pop() {
            for next in &self.next[node as usize] {
                if !std::mem::replace(&mut reached[*next as usize], true) {
                    waiting.push(*next);
                }
            }
        }
        reached
    }

    /// Returns which judgements are live with nothing live strictly after.
    pub(super) fn last(&self, live: &[bool]) -> Vec<bool> {
        let mut holds_live = vec![false; self.next.len()];
        for (class, _) in self.class_of.iter().zip(live).filter(|(_, live)| **live) {
            holds_live[*class as usize] = true;
        }
        let circle_of = self.circles();
        // Circles are numbered last first, so what follows a circle is known before it.
        let count = circle_of.iter().map(|circle| *circle as usize + 1).max().unwrap_or(0);
        let mut nodes = vec![Vec::new(); count];
        (0..self.next.len()).for_each(|node| nodes[circle_of[node] as usize].push(node));
        let (mut alive, mut followed) = (vec![false; count], vec![false; count]);
        for circle in 0..count {
            alive[circle] = nodes[circle].iter().any(|node| holds_live[*node]);
            let next = nodes[circle]
                .iter()
                .flat_map(|node| &self.next[*node])
                .map(|next| circle_of[*next as usize] as usize);
            followed[circle] = next.filter(|next| *next != circle).any(|next| alive[next] || followed[next]);
        }
        let stands = |class: &u32| !followed[circle_of[*class as usize] as usize];
        self.class_of.iter().zip(live).map(|(class, live)| *live && stands(class)).collect()
    }

    /// Returns, for each node, the number of its circle (strongly connected component; Tarjan's algorithm, without
    /// recursion): nodes that lead to each other share one, and what follows a circle has a lower number.
    fn circles(&self) -> Vec<u32> {
        const NONE: u32 = u32::MAX;
        let count = self.next.len();
        let (mut circle_of, mut seen, mut low) = (vec![NONE; count], vec![NONE; count], vec![NONE; count]);
        let (mut open, mut path) = (Vec::new(), Vec::new());
        let (mut visited, mut circles) = (0, 0);
        for start in 0..count {
            if seen[start] == NONE {
                path.push((start, 0));
            }
            while let Some((node, edge)) = path.pop() {
                if edge == 0 {
                    (seen[node], low[node]) = (visited, visited);
                    visited += 1;
                    open.push(node);
                } else {
                    let back = self.next[node][edge - 1] as usize;
                    if circle_of[back] == NONE {
                        low[node] = low[node].min(low[back]);
                    }
                }
                if let Some(next) = self.next[node].get(edge) {
                    path.push((node, edge + 1));
                    if seen[*next as usize] == NONE {
                        path.push((*next as usize, 0));
                    }
                } else if low[node] == seen[node] {
                    while let Some(member) = open.pop() {
                        circle_of[member] = circles;
                        if member == node {
                            break;
                        }
                    }
                    circles += 1;
                }
            }
        }
        circle_of
    }
}
