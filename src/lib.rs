//! riffsmith
